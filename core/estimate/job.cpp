// Tokens, batches and GPUs of a spec as the inputs of time and cost.
#include "core/estimate/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/estimate/checkpoint_files.h"
#include "core/estimate/handbook.h"
#include "core/estimate/numbers.h"
#include "core/estimate/objective_passes.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/tensors.h"

namespace ktrain {
namespace {

// Of the texts as they are trained; 0: not known.
double mean_length(const TrainingSpec& spec, const JobOptions& options) {
    if (options.mean_length > 0) return options.mean_length;
    return options.data ? options.data->mean_length() / texts_of(spec) : 0;
}

// Tokens of a text as it goes through the model: packed rows are full.
double text_length(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options) {
    const double most = real(counted_length(spec, shape)), mean = mean_length(spec, options);
    return spec.objective.packing || mean <= 0 ? most : std::min(mean, most);
}

double rows_of_step(const TrainingSpec& spec) {
    const TrainingArgs& args = spec.training;
    return real(args.per_device_train_batch_size) * real(args.gradient_accumulation_steps) * real(batch_units(spec));
}

// Of one epoch; 0: not known.
double tokens_of_epoch(const JobOptions& options) {
    if (options.tokens > 0) return options.tokens;
    return options.data ? options.data->tokens : options.guess ? options.guess->tokens : 0;
}

// Of those that multiply a token; an embedding does where it is the head as well. 0 where the tensors are not known.
double frozen_parameters(const TrainingSpec& spec, const ModelShape& shape) {
    const MethodSpec& method = spec.method;
    const bool freezes = method.type == "full" && (method.freeze_layers > 0 || !method.freeze_modules.empty());
    if (!freezes || !has_inventory(shape)) return 0;
    double frozen = 0;
    for (const TensorDecl& tensor : inventory(shape, method, "float32")) {
        const bool looked_up = tensor.role == Role::embedding && !(shape.tied && tensor.shape.front() == shape.vocab);
        if (!tensor.trainable && !looked_up) frozen += real(tensor.elements());
    }
    return frozen;
}

// How much of everything there is in the whole run.
struct Run {
    double tokens = 0, steps = 0;
    double epochs = 1;  // of `epoch` tokens
    double epoch = 0;   // tokens; 0: not known, as the run goes by steps
};

Run run_of(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options) {
    Run run;
    run.epoch = tokens_of_epoch(options);
    if (spec.training.max_steps > 0) {
        run.steps = real(spec.training.max_steps);
        run.tokens = run.steps * tokens_of_step(spec, shape, options);
        run.epochs = run.epoch > 0 ? run.tokens / run.epoch : 1;
        return run;
    }
    run.epochs = spec.training.num_train_epochs;
    run.tokens = run.epoch * run.epochs;
    const double sequences = options.tokens > 0 || !options.data ? 0 : options.data->sequences;
    run.steps = sequences > 0 ? std::ceil(sequences / rows_of_step(spec)) * run.epochs
                              : run.tokens / tokens_of_step(spec, shape, options);
    return run;
}

double checkpoints_of(const TrainingSpec& spec, const Run& run) {
    if (spec.checkpoint.save_strategy == "no") return 0;
    if (spec.checkpoint.save_strategy == "epoch") return std::ceil(run.epochs);
    return std::floor(run.steps / real(std::max<std::int64_t>(spec.checkpoint.save_steps, 1)));
}

// By steps, the end of the run is evaluated too. Source: docs/trainer.md, "Evaluation".
double evaluations_of(const TrainingSpec& spec, const Run& run) {
    if (spec.training.eval_strategy == "no") return 0;
    if (spec.training.eval_strategy == "epoch") return std::ceil(run.epochs);
    return std::ceil(run.steps / real(std::max<std::int64_t>(spec.training.eval_steps, 1)));
}

// Of what is held out of the data, beside the tokens of an epoch that train; 0: none, or not known.
double evaluation_tokens_of(const TrainingSpec& spec, const JobOptions& options, const Run& run) {
    if (options.data && options.data->evaluation_tokens > 0) return options.data->evaluation_tokens;
    const double share = spec.data.validation_split;
    return share > 0 && share < 1 ? run.epoch * share / (1 - share) : 0;
}

MfuCase case_of(const TrainingSpec& spec, const ModelShape& shape, const GpuSpeed& gpu, const JobOptions& options) {
    MfuCase wanted;
    const bool full = spec.method.type == "full";
    wanted.training = full ? Training::full : weight_bits(spec) < 16 ? Training::quantised : Training::adapters;
    wanted.gpu = gpu;
    wanted.seq_len = text_length(spec, shape, options);
    wanted.micro_batch_tokens = wanted.seq_len * texts_of(spec) * real(spec.training.per_device_train_batch_size);
    wanted.packed = spec.objective.packing;
    wanted.sharded = spec::gpus_of_job(spec) > 1 && spec::shares_weights(spec.parallel);
    wanted.offloaded = spec.parallel.offload_optimizer || spec.parallel.offload_param;
    wanted.recompute = spec.training.gradient_checkpointing;
    return wanted;
}

Padding padding(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options) {
    return padding_of(spec, find_framework(options.framework),
                      {options.data ? &*options.data : nullptr, options.mean_length, options.packing_efficiency,
                       real(counted_length(spec, shape))});
}

// What could not be counted, or was taken without being known.
std::vector<std::string> assumptions_of(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options,
                                        const TimeInput& input) {
    std::vector<std::string> lines = pass_assumptions(spec);
    if (options.guess) lines.push_back(words_of(*options.guess));
    if (std::string rows = words_of(padding(spec, shape, options)); !rows.empty()) lines.push_back(std::move(rows));
    const bool evaluates = spec.training.eval_strategy != "no";
    const bool held_out = spec.data.validation_split > 0 || !spec.data.eval_dataset_path.empty();
    if (evaluates && held_out && input.evaluation_tokens <= 0)
        lines.emplace_back("evaluations are not counted: how many tokens they have is not known (--tokens-from)");
    if (options.capacity == Capacity::spot && options.seconds_between_interruptions <= 0)
        lines.emplace_back(
            "no interruption of spot instances is counted, as how often they come depends on zone and month: "
            "--interruptions says the mean time between them");
    return lines;
}

}  // namespace

std::int64_t batch_units(const TrainingSpec& spec) {
    return std::max<std::int64_t>(1, spec::gpus_of_job(spec) / spec::gpus_of_copy(spec.parallel));
}

double tokens_of_step(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options) {
    return rows_of_step(spec) * texts_of(spec) * text_length(spec, shape, options);
}

double job_tokens(const TrainingSpec& spec, const ModelShape& shape, const JobOptions& options) {
    const Run run = run_of(spec, shape, options);
    return spec.training.max_steps > 0 ? run.tokens : run.epoch;
}

ModelWork job_work(const TrainingSpec& spec, const ModelShape& shape, std::optional<std::int64_t> trainable) {
    ModelWork work = model_work(shape);
    if (spec.method.type != "full" && trainable) work.adapter_parameters = real(*trainable);
    work.frozen = frozen_parameters(spec, shape);
    work.saved_bytes = real(checkpoint_files(spec, shape, trainable).total());
    return work;
}

TimeInput job_time(const TrainingSpec& spec, const ModelShape& shape, const ModelWork& work, const GpuSpeed& gpu,
                   const JobOptions& options) {
    const bool by_steps = spec.training.max_steps > 0;
    const Run run = run_of(spec, shape, options);
    TimeInput input;
    input.work = work;
    input.work.passes = passes_of(spec, run.epochs);
    input.work.passes.teacher = spec.objective.type == "distillation" ? real(options.other) : 0;
    input.conditions = case_of(spec, shape, gpu, options);
    input.gpus = real(spec::gpus_of_job(spec));
    input.tokens_per_second = options.tokens_per_second;
    input.tokens = by_steps ? run.tokens : run.epoch;
    input.epochs = by_steps ? 1 : run.epochs;
    input.packing_efficiency = padding(spec, shape, options).efficiency;
    input.checkpoints = checkpoints_of(spec, run);
    input.saves_meanwhile = spec.checkpoint.async_save && find_framework(options.framework).own_kernels;
    input.evaluation_tokens = evaluation_tokens_of(spec, options, run);
    input.evaluations = input.evaluation_tokens > 0 ? evaluations_of(spec, run) : 0;
    input.seconds_between_interruptions = options.seconds_between_interruptions;
    return input;
}

CostInput job_cost(const TrainingSpec& spec, std::string_view gpu, Capacity capacity, const TimeFigures& figures) {
    CostInput cost;
    cost.gpu = gpu;
    cost.gpus = spec::gpus_of_job(spec);
    cost.gpus_per_pod = std::max<std::int64_t>(1, spec.resources.gpus_per_node);
    cost.capacity = capacity;
    cost.seconds = figures.total();
    cost.tokens = figures.tokens;
    return cost;
}

std::optional<JobEstimate> estimate_job(const Estimate& estimate, const JobOptions& given, const PriceTable& prices) {
    const TrainingSpec& spec = estimate.spec;
    JobOptions options = given;
    options.framework = estimate.framework;
    const ModelShape& shape = estimate.shape;
    if (!estimate.wanted || shape.family == "simple_cnn" || job_tokens(spec, shape, options) <= 0) return std::nullopt;
    const Gpu& gpu = estimate.wanted->gpu;
    JobEstimate job;
    job.gpus = spec::gpus_of_job(spec);
    job.capacity = options.capacity;
    if (spec.training.max_steps <= 0) job.guess = options.guess;
    const ModelWork work = job_work(spec, shape, estimate.trainable_parameters);
    const TimeInput input = job_time(spec, shape, work, gpu_speed(gpu), options);
    job.time = estimate_time(input);
    for (std::string& line : assumptions_of(spec, shape, options, input))
        job.time.assumptions.push_back(std::move(line));
    job.offers = offers(prices, job_cost(spec, gpu.id, options.capacity, job.time.figures));
    if (!job.offers.empty()) job.dates = price_dates(job.offers);
    job.warnings = job.time.warnings;
    if (std::string slow = pass_warning(spec); !slow.empty() && options.tokens_per_second <= 0)
        job.warnings.push_back(std::move(slow));
    const std::int64_t length = counted_length(spec, shape);
    if (options.data && options.data->max_length > 0 && options.data->max_length != real(length))
        job.warnings.push_back(
            fmt::format("the figures of the data are those of max_length {:.0f}, the training has {}: other rows are "
                        "cut",
                        options.data->max_length, length));
    for (std::string& warning : age_warnings(job.offers, options.today)) job.warnings.push_back(std::move(warning));
    return job;
}

Json to_json(const JobEstimate& job) {
    Json offers = Json::array();
    for (const Offer& offer : job.offers) offers.push_back(to_json(offer));
    return {{"gpus", job.gpus},
            {"time", to_json(job.time)},
            {"tokens_guess", job.guess ? to_json(*job.guess) : Json(nullptr)},
            {"capacity", name_of(job.capacity)},
            {"offers", std::move(offers)},
            {"dates", job.dates}};
}

}  // namespace ktrain
