// Reporting to Weights & Biases, as lines of a run's history: over the network, or into a folder for `wandb sync`.
#pragma once

#include <memory>
#include <string>

#include "core/base/world.h"
#include "core/spec/spec.h"
#include "trainer/report/reporter.h"

namespace ktrain::trainer {

// Where a run is reported to, and as what. What has a field comes from the spec, into which the program has put the
// environment's values; the rest from the environment, as wandb itself reads it.
struct WandbSettings {
    std::string mode;      // "online", "offline" or "disabled"
    std::string base_url;  // WANDB_BASE_URL, without a user
    std::string key;       // WANDB_API_KEY; in no message and no file
    std::string entity;    // empty: the key's own
    std::string project;   // by default "ktrain"
    std::string name;      // of the run, for people; by default the job's
    std::string group;     // WANDB_RUN_GROUP
    std::string id;        // WANDB_RUN_ID; empty: made anew, or that of the run that goes on
    std::string folder;    // "wandb" in output_dir
    Json config;           // what the run was asked to do, by group
};
WandbSettings wandb_settings(const TrainingSpec& spec, const Env& env);

// The id of the run that this folder is of: when `resumed` the one that was noted there, else a new one, which is
// noted. Errors: those of Files.
std::string wandb_run_id(const WandbSettings& settings, bool resumed);

// The run goes another way from here than it was reported to go: it gets an id of its own when training begins, and the
// old one is noted in `aside`, the folder of what was left behind. Errors: those of Files.
void leave_wandb_run(const std::string& output_dir, const std::string& aside);

// By the mode; null for "disabled". Errors: none; what is missing is said when training begins.
std::unique_ptr<Reporter> open_wandb(const TrainingSpec& spec, const Env& env);

}  // namespace ktrain::trainer
