// One run of `ktrain validate`, from what was asked to the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/term/session.h"
#include "core/kube/client.h"
#include "core/lint/lint.h"

namespace ktrain {

// What the flags say; what they leave open, .ktrain.yaml may say.
struct ValidateOptions {
    std::vector<std::string> paths, crds;
    std::string output = "table";
    std::optional<std::string> min_severity, versions, baseline, write_baseline, config;
    lint::Selection selection;
    std::int64_t jobs = 0;  // 0: as many as CPUs
    bool no_config = false, fix = false, diff = false, closed = false, cluster = false;
    double budget = 0;  // dollars of one job; 0: not asked
};

// The client is that of --cluster, or null.
int run_validate(term::Session& session, ValidateOptions options, kube::KubeClient* client);

}  // namespace ktrain
