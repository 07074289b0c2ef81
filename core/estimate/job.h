// Hours and dollars of a whole training, from what its spec says.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/estimate/cost.h"
#include "core/estimate/estimate.h"
#include "core/estimate/time.h"
#include "core/estimate/token_counts.h"
#include "core/estimate/token_guess.h"
#include "core/spec/sharing.h"

namespace ktrain {

struct JobOptions {
    double tokens = 0;                // of one epoch; 0: those of `data`, or as many as training.max_steps takes
    std::optional<TokenCounts> data;  // of the rows that are trained
    std::optional<TokenGuess> guess;  // where nothing else says the tokens
    double mean_length = 0;           // tokens of a row; 0: by `data`, else max_length
    double packing_efficiency = 0;    // share of computed tokens that is no padding; 0: by the lengths of rows
    double tokens_per_second = 0;     // measured, of one GPU; 0: by the MFU of such trainings
    double seconds_between_interruptions = 0;  // mean, of the whole job; 0: none
    std::string framework = "ktrain";          // whose padding counts; a row of conditions.h
    std::int64_t other = 0;                    // parameters of the model that the objective names
    Capacity capacity = Capacity::on_demand;
    std::chrono::sys_days today;  // prices are old or not as of this day
};

struct JobEstimate {
    std::int64_t gpus = 1;
    TimeEstimate time;
    std::optional<TokenGuess> guess;  // that the tokens are
    Capacity capacity = Capacity::on_demand;
    std::vector<Offer> offers;  // cheapest first; they point into the prices
    std::string dates;          // "prices as of ..."; empty without offers
    std::vector<std::string> warnings;
};

// Nothing when no GPU was asked for, when the tokens are not known, and for models that take none.
// Errors: as estimate_time and offers.
std::optional<JobEstimate> estimate_job(const Estimate& estimate, const JobOptions& options, const PriceTable& prices);

// The parts of estimate_job, for searches that change batches, checkpointing and GPUs of a spec many times.

std::int64_t batch_units(
    const TrainingSpec& spec);  // GPUs, or groups of them that share layers or sequences: each has samples of its own
// Texts of a row together, on all GPUs, for an optimizer step. Rows are as long as counted_length() says, unless they
// are known to be shorter. Errors, here and below: as that.
double tokens_of_step(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options = {});
// Tokens of one epoch, or of all steps where training.max_steps counts them; 0: not known.
double job_tokens(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options);
// `trainable`: the parameters that train, where they are known.
ModelWork job_work(const TrainingSpec& spec, const ModelShape& shape, std::optional<std::int64_t> trainable);
// `work` as job_work() makes it of the spec and the shape.
TimeInput job_time(const TrainingSpec& spec, const ModelShape& shape, const ModelWork& work, const GpuSpeed& gpu,
                   const JobOptions& options);
// `gpu`: an id, which must outlive the input.
CostInput job_cost(const TrainingSpec& spec, std::string_view gpu, Capacity capacity, const TimeFigures& figures);

// {gpus, time, tokens_guess, capacity, offers, dates}
Json to_json(const JobEstimate& job);

}  // namespace ktrain
