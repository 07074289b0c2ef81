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

double checkpoints_of(const TrainingSpec& spec, double tokens) {
    if (spec.checkpoint.save_strategy == "no") return 0;
    if (spec.checkpoint.save_strategy == "epoch") return std::ceil(spec.training.num_train_epochs);
    return std::floor(tokens / tokens_of_step(spec) / real(std::max<std::int64_t>(spec.checkpoint.save_steps, 1)));
}

MfuCase case_of(const TrainingSpec& spec, const GpuSpeed& gpu) {
    MfuCase wanted;
    const bool full = spec.method.type == "full";
    wanted.training = full ? Training::full : weight_bits(spec) < 16 ? Training::quantised : Training::adapters;
    wanted.gpu = gpu;
    wanted.seq_len = real(spec.objective.max_length);
    wanted.micro_batch_tokens = wanted.seq_len * real(spec.training.per_device_train_batch_size);
    wanted.packed = spec.objective.packing;
    wanted.sharded = job_gpus(spec) > 1 && (spec.parallel.strategy == "fsdp" || spec.parallel.strategy == "zero3");
    wanted.offloaded = spec.parallel.offload_optimizer || spec.parallel.offload_param;
    wanted.recompute = spec.training.gradient_checkpointing;
    return wanted;
}

}  // namespace

std::int64_t job_gpus(const TrainingSpec& spec) {
    return std::max<std::int64_t>(1, spec.resources.nodes * spec.resources.gpus_per_node);
}

std::int64_t batch_units(const TrainingSpec& spec) {
    const ParallelSpec& parallel = spec.parallel;
    return std::max<std::int64_t>(1, job_gpus(spec) / (parallel.tp_size * parallel.pp_size * parallel.cp_size));
}

double tokens_of_step(const TrainingSpec& spec) {
    const TrainingArgs& args = spec.training;
    return real(args.per_device_train_batch_size) * real(args.gradient_accumulation_steps) *
           real(spec.objective.max_length) * real(batch_units(spec));
}

double job_tokens(const TrainingSpec& spec, const JobOptions& options) {
    return spec.training.max_steps > 0 ? real(spec.training.max_steps) * tokens_of_step(spec) : options.tokens;
}

ModelWork job_work(const TrainingSpec& spec, const ModelShape& shape, std::optional<std::int64_t> trainable) {
    ModelWork work = model_work(shape, real(active_parameters(shape)));
    if (spec.method.type != "full" && trainable) work.adapter_parameters = real(*trainable);
    return work;
}

TimeInput job_time(const TrainingSpec& spec, const ModelWork& work, const GpuSpeed& gpu, const JobOptions& options) {
    const bool by_steps = spec.training.max_steps > 0;
    TimeInput input;
    input.work = work;
    input.conditions = case_of(spec, gpu);
    input.gpus = real(job_gpus(spec));
    input.tokens_per_second = options.tokens_per_second;
    input.tokens = job_tokens(spec, options);
    input.epochs = by_steps ? 1 : spec.training.num_train_epochs;
    input.checkpoints = checkpoints_of(spec, input.tokens * input.epochs);
    return input;
}

CostInput job_cost(const TrainingSpec& spec, std::string_view gpu, Capacity capacity, const TimeFigures& figures) {
    CostInput cost;
    cost.gpu = gpu;
    cost.gpus = job_gpus(spec);
    cost.gpus_per_pod = std::max<std::int64_t>(1, spec.resources.gpus_per_node);
    cost.capacity = capacity;
    cost.seconds = capacity == Capacity::spot ? figures.total() : figures.uninterrupted();
    cost.tokens = figures.tokens;
    return cost;
}

std::optional<JobEstimate> estimate_job(const Estimate& estimate, const JobOptions& options, const PriceTable& prices) {
    const TrainingSpec& spec = estimate.spec;
    if (!estimate.wanted || job_tokens(spec, options) <= 0 || estimate.shape.family == "simple_cnn")
        return std::nullopt;
    const Gpu& gpu = estimate.wanted->gpu;
    JobEstimate job;
    job.gpus = job_gpus(spec);
    job.capacity = options.capacity;
    const ModelWork work = job_work(spec, estimate.shape, estimate.trainable_parameters);
    job.time = estimate_time(job_time(spec, work, gpu_speed(gpu), options));
    job.offers = offers(prices, job_cost(spec, gpu.id, options.capacity, job.time.figures));
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
