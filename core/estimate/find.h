// The search for a plan: which GPUs, how many, and which batch, checkpointing, sharding and method, by cost and by
// time.
//
// Every combination is estimated as estimate() and estimate_job() would; of each method on each number of nodes of a
// GPU the best is kept. Plans are instances that the price table has, 1 to 16 of them. Source: docs/estimate.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/estimate/calibration.h"
#include "core/estimate/conditions.h"
#include "core/estimate/job.h"

namespace ktrain {

// What the user has said: no plan changes it.
struct FixedFields {
    bool gpu = false, nodes = false, gpus_per_node = false;
    bool micro_batch = false, checkpointing = false, strategy = false;
    bool method = false, quantization = false;
    bool dtype = true;  // else it is that of a model without a spec, and belongs to the plan
};

// Both are compared with the middle of a plan's range.
struct Limits {
    std::optional<double> dollars, seconds;

    bool any() const { return dollars || seconds; }
};

struct FindInput {
    TrainingSpec spec;  // its batches and GPUs give the batch of a step, which plans keep
    ModelShape shape;
    std::string framework = "ktrain";
    FixedFields fixed;
    Limits limits;
    JobOptions options;                  // without tokens, a million of them are planned
    const PriceTable* prices = nullptr;  // must outlive the result
    Calibration calibration;             // corrects what is recommended
    std::string calibration_file;        // named in the notes
};

struct FoundPlan {
    std::string gpu;
    std::int64_t gpu_memory = 0;  // bytes
    std::int64_t nodes = 1, gpus_per_node = 1;
    std::int64_t micro_batch = 1, accumulation = 1;
    std::int64_t batch = 1;      // samples of a step, of all GPUs
    std::int64_t max_steps = 0;  // that see as many tokens as those of the spec; 0: the spec counts no steps
    bool checkpointing = false;
    std::string strategy;  // as parallel.strategy; empty where no GPUs have different samples
    std::string method;
    std::string dtype;        // of the weights; empty: as the spec says
    bool bf16 = false;        // float32 weights with products in bfloat16, which the spec does not say
    std::int64_t needed = 0;  // bytes of a GPU, as recommended
    Range tokens_per_second;  // of all GPUs
    Range seconds;            // of the training; of a million tokens when FindResult::per_million
    // The cheapest instances; money is that of the training, or of a million tokens. Empty when no price is known.
    std::optional<Offer> offer;

    std::int64_t gpus() const { return nodes * gpus_per_node; }
    // The middle of the money; empty when no price is known, never 0.
    std::optional<double> dollars() const;
};

// Combinations by what became of them.
struct FindCounts {
    std::int64_t examined = 0;
    std::int64_t too_large = 0;    // for the memory of the GPU
    std::int64_t other_batch = 0;  // than that of the spec, or the nearest that so many GPUs can have
    std::int64_t fit = 0;
};

// A plan that is over a limit.
struct NearPlan {
    FoundPlan plan;
    std::string_view kind;  // "cheapest on time", "fastest within the budget", "cheapest", "fastest", "smallest gap"
    std::optional<double> over_dollars;  // empty: within, or no price known
    std::optional<double> late_seconds;
    std::int64_t missing_bytes = 0;
};

enum class PlanOrder { cost, time };

struct FindResult {
    bool per_million = false;  // the tokens are not known: seconds and dollars are those of a million
    std::int64_t batch = 1;    // samples of a step, by the spec
    FindCounts counts;
    std::vector<FoundPlan> plans;    // within the limits; of each method, GPU and number of nodes the best
    std::vector<NearPlan> nearest;   // where there is no plan
    std::vector<std::string> notes;  // what was left out, and why
};

// Errors: Error{input} for a model without layers of known sizes, for a GPU that is asked for and cannot do the work or
// is in no instance of the prices, for a method that is asked for and contradicts the model, and as estimate() and
// estimate_job().
FindResult find_plans(const FindInput& input);

// What the input itself has guessed or corrected, in sentences; they are among the notes of a result.
std::vector<std::string> input_notes(const FindInput& input);

// What of `plan` is over a limit.
NearPlan over_limits(const FoundPlan& plan, const Limits& limits, std::string_view kind);
bool within(const FoundPlan& plan, const Limits& limits);
// With a budget the cheapest on time, with a deadline the fastest within the budget; of all, where there is none.
std::vector<NearPlan> nearest_plans(const std::vector<FoundPlan>& plans, const Limits& limits);

// The first `most` by cost (of those with a price) or by time: of each GPU and method the best, and where these are
// fewer, the best of the rest.
std::vector<const FoundPlan*> leading(const std::vector<FoundPlan>& plans, PlanOrder order, std::size_t most);

// What of the plans ktrain run does not train, in a sentence; or empty.
std::string estimated_alone(const std::vector<FoundPlan>& plans);

// The fields of the spec that make it this plan, as --set takes them: {"resources.gpu", "h100"}.
std::vector<std::pair<std::string, std::string>> settings_of(const FoundPlan& plan);

// docs/estimate.md, "Finding a plan", has the names. At most `most` of cheapest and fastest.
Json to_json(const FindResult& result, std::size_t most);
Json to_json(const FoundPlan& plan, bool per_million);
Json to_json(const NearPlan& near, bool per_million);

}  // namespace ktrain
