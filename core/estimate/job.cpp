// Tokens, batches and GPUs of a spec as the inputs of time and cost.
#include "core/estimate/job.h"

#include <algorithm>
#include <cmath>

#include "core/estimate/handbook.h"
#include "core/model/parameters.h"

namespace ktrain {
namespace {

double real(std::int64_t number) {
    return static_cast<double>(number);
}

std::int64_t gpus_of(const TrainingSpec& spec) {
    return std::max<std::int64_t>(1, spec.resources.nodes * spec.resources.gpus_per_node);
}

double tokens_of_step(const TrainingSpec& spec) {
    const TrainingArgs& args = spec.training;
    return real(args.per_device_train_batch_size) * real(args.gradient_accumulation_steps) *
           real(spec.objective.max_length) * real(gpus_of(spec));
}

double checkpoints_of(const TrainingSpec& spec, double tokens) {
    if (spec.checkpoint.save_strategy == "no") return 0;
    if (spec.checkpoint.save_strategy == "epoch") return std::ceil(spec.training.num_train_epochs);
    return std::floor(tokens / tokens_of_step(spec) / real(std::max<std::int64_t>(spec.checkpoint.save_steps, 1)));
}

MfuCase case_of(const Estimate& estimate) {
    const TrainingSpec& spec = estimate.spec;
    MfuCase wanted;
    const bool full = spec.method.type == "full";
    wanted.training = full ? Training::full : weight_bits(spec) < 16 ? Training::quantised : Training::adapters;
    wanted.gpu = gpu_speed(estimate.wanted->gpu);
    wanted.seq_len = real(spec.objective.max_length);
    wanted.micro_batch_tokens = wanted.seq_len * real(spec.training.per_device_train_batch_size);
    wanted.packed = spec.objective.packing;
    wanted.recompute = spec.training.gradient_checkpointing;
    return wanted;
}

TimeInput time_input(const Estimate& estimate, const JobOptions& options, double tokens) {
    const TrainingSpec& spec = estimate.spec;
    const bool by_steps = spec.training.max_steps > 0;
    TimeInput input;
    input.work = model_work(estimate.shape, real(active_parameters(estimate.shape)));
    if (spec.method.type != "full" && estimate.trainable_parameters)
        input.work.adapter_parameters = real(*estimate.trainable_parameters);
    input.conditions = case_of(estimate);
    input.gpus = real(gpus_of(spec));
    input.tokens_per_second = options.tokens_per_second;
    input.tokens = tokens;
    input.epochs = by_steps ? 1 : spec.training.num_train_epochs;
    input.checkpoints = checkpoints_of(spec, tokens * input.epochs);
    return input;
}

}  // namespace

std::optional<JobEstimate> estimate_job(const Estimate& estimate, const JobOptions& options, const PriceTable& prices) {
    const TrainingSpec& spec = estimate.spec;
    const double tokens =
        spec.training.max_steps > 0 ? real(spec.training.max_steps) * tokens_of_step(spec) : options.tokens;
    if (!estimate.wanted || tokens <= 0 || estimate.shape.family == "simple_cnn") return std::nullopt;
    JobEstimate job;
    job.gpus = gpus_of(spec);
    job.capacity = options.capacity;
    job.time = estimate_time(time_input(estimate, options, tokens));
    const TimeFigures& figures = job.time.figures;
    CostInput cost;
    cost.gpu = estimate.wanted->gpu.id;
    cost.gpus = job.gpus;
    cost.gpus_per_pod = std::max<std::int64_t>(1, spec.resources.gpus_per_node);
    cost.capacity = options.capacity;
    cost.seconds = options.capacity == Capacity::spot ? figures.total() : figures.uninterrupted();
    cost.tokens = figures.tokens;
    job.offers = offers(prices, cost);
    if (!job.offers.empty()) job.dates = price_dates(job.offers);
    job.warnings = job.time.warnings;
    for (std::string& warning : age_warnings(job.offers, options.today)) job.warnings.push_back(std::move(warning));
    return job;
}

Json to_json(const JobEstimate& job) {
    Json offers = Json::array();
    for (const Offer& offer : job.offers) offers.push_back(to_json(offer));
    return {{"gpus", job.gpus},
            {"time", to_json(job.time)},
            {"capacity", name_of(job.capacity)},
            {"offers", std::move(offers)},
            {"dates", job.dates}};
}

}  // namespace ktrain
