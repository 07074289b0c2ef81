// Puts the memory, the fit and what has to be said about them together.
#include "core/estimate/estimate.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/handbook.h"
#include "core/model/method_lora.h"
#include "core/spec/optimizers.h"
#include "core/spec/trainer_limits.h"

namespace ktrain {
namespace {

bool is_lora(const TrainingSpec& spec) {
    return spec.method.type != "full";
}

bool freezes(const TrainingSpec& spec) {
    return !is_lora(spec) && (spec.method.freeze_layers > 0 || !spec.method.freeze_modules.empty());
}

// LoRA needs the linear layers of the model; latent attention (no kv_heads) hides them. What names other modules needs
// all tensors.
std::optional<std::int64_t> trainable(const TrainingSpec& spec, const ModelShape& shape) {
    const bool by_tensor = is_lora(spec) ? !spec.method.modules_to_save.empty() : freezes(spec);
    if (by_tensor && !has_inventory(shape)) return std::nullopt;
    if (by_tensor) return trainable_parameters(shape, spec.method);
    if (!is_lora(spec)) return shape.parameters;
    if (shape.hidden == 0 || shape.kv_heads == 0) return std::nullopt;
    return lora_parameters(shape, spec.method);
}

std::vector<std::string> assumptions(const TrainingSpec& spec, const ModelShape& shape) {
    std::vector<std::string> lines{
        "every GPU holds the whole model: no sharding, no offload",
        "logits, workspace and the CUDA context are not counted",
        "GB are 10^9 bytes, GiB 2^30; a GPU has what its driver or the clouds list, the smaller"};
    if (is_lora(spec))
        lines.push_back(
            "LoRA matrices: 2 B an element; the handbook counts no gradients and no optimizer states for them");
    if (is_lora(spec) && weight_bits(spec) < 16)
        lines.push_back(
            fmt::format("the handbook has no formula for QLoRA: its precision becomes {} B for {}-bit weights",
                        weight_bits(spec) == 4 ? "0.5" : "1", weight_bits(spec)));
    if (freezes(spec))
        lines.push_back("frozen weights are counted like those that train: the handbook has no formula for them");
    const OptimizerKind kind = optimizer_row(spec.training.optim).kind;
    if (!is_lora(spec) && optimizer_state(spec.training).bytes != 8)
        lines.push_back(fmt::format("the handbook counts AdamW; {} {}", spec.training.optim,
                                    kind == OptimizerKind::adafactor
                                        ? "keeps rows and columns of matrices, which are not counted"
                                        : "keeps what the line of the optimizer says"));
    if (shape.family == "simple_cnn")
        lines.push_back(
            "the handbook's activations are for transformers: the outputs of all layers are counted instead");
    else if (shape.hidden > 0)
        lines.push_back("the handbook gives no bytes for activations: one value of the computing type for each");
    if (shape.source == "parameter count")
        lines.push_back("a bare parameter count has no hidden size and no layers: activations are left out");
    if (!shape.note.empty()) lines.push_back(shape.note);
    return lines;
}

// The handbook's example for a 7B model adds 1 GB where its formula gives far less.
std::string lora_warning(const Estimate& result) {
    const auto parameters = static_cast<std::uint64_t>(*result.trainable_parameters);
    const TrainingArgs& args = result.spec.training;
    const bool adamw = optimizer_row(args.optim).kind == OptimizerKind::adamw;
    const double bytes = 8 + optimizer_state(args).per_parameter();  // weights and gradients in 32 bits, and the state
    return fmt::format(
        "the handbook's example adds 1 GB for LoRA, its formula gives {}; these adapters have {} parameters, "
        "{} with gradients and {} at {} B each",
        human_bytes(static_cast<std::uint64_t>(result.memory.lines[1].bytes)), human_count(parameters),
        human_bytes(static_cast<std::uint64_t>(static_cast<double>(parameters) * bytes)), adamw ? "AdamW" : args.optim,
        bytes);
}

std::vector<std::string> warnings(const Estimate& result) {
    std::vector<std::string> lines;
    for (Diagnostic& warning : spec::trainer_warnings(result.spec)) lines.push_back(std::move(warning.message));
    if (is_lora(result.spec) && result.trainable_parameters) lines.push_back(lora_warning(result));
    const bool bf16 = result.spec.training.bf16 || result.spec.model.dtype == "bfloat16";
    if (result.wanted && bf16 && !result.wanted->gpu.bf16)
        lines.push_back(fmt::format("{} has no bfloat16: use float16, or another GPU", result.wanted->gpu.id));
    return lines;
}

Fit fit(const Gpu& gpu, std::int64_t bytes) {
    if (gpu.memory == 0) return {gpu, false, 0};
    return {gpu, bytes <= gpu.memory, gpu.memory - bytes};
}

Json to_json(const Fit& fit) {
    Json json = {{"gpu", fit.gpu.id}, {"memory_bytes", nullptr}, {"fits", nullptr}, {"headroom_bytes", nullptr}};
    if (fit.gpu.memory > 0)
        json.update({{"memory_bytes", fit.gpu.memory}, {"fits", fit.fits}, {"headroom_bytes", fit.headroom}});
    return json;
}

Json inputs(const Estimate& result) {
    const TrainingSpec& spec = result.spec;
    const ModelShape& shape = result.shape;
    Json json = {{"model", shape.name},
                 {"family", shape.family},
                 {"source", shape.source},
                 {"parameters", shape.parameters},
                 {"trainable_parameters", nullptr},
                 {"hidden_size", shape.hidden},
                 {"num_hidden_layers", shape.layers},
                 {"dtype", spec.model.dtype},
                 {"weight_bits", weight_bits(spec)},
                 {"method", spec.method.type},
                 {"per_device_train_batch_size", spec.training.per_device_train_batch_size},
                 {"gpu", nullptr}};
    if (result.trainable_parameters) json["trainable_parameters"] = *result.trainable_parameters;
    if (is_lora(spec)) json["r"] = spec.method.r;
    if (shape.family != "simple_cnn") json["max_length"] = spec.objective.max_length;
    if (result.wanted) json["gpu"] = result.wanted->gpu.id;
    return json;
}

}  // namespace

Estimate estimate(const TrainingSpec& spec, const ModelShape& shape) {
    Estimate result;
    result.profile = "docs";
    result.spec = spec;
    result.shape = shape;
    result.memory = handbook_memory(spec, shape);
    result.trainable_parameters = trainable(spec, shape);
    const std::int64_t bytes = result.memory.total();
    for (const Gpu& gpu : all_gpus()) result.fits.push_back(fit(gpu, bytes));
    if (!spec.resources.gpu.empty()) {
        const Gpu gpu = find_gpu(spec.resources.gpu);
        if (gpu.memory == 0)
            throw Error(ErrorKind::input, fmt::format("the memory of {} is not known", gpu.id),
                        {"", 0, 0, "resources.gpu"}, "leave the GPU out to see what is needed");
        result.wanted = fit(gpu, bytes);
        for (const Fit& other : result.fits)
            if (!result.wanted->fits && !result.nearest && other.fits) result.nearest = other.gpu;
    }
    result.assumptions = assumptions(spec, shape);
    result.warnings = warnings(result);
    return result;
}

Json to_json(const Estimate& estimate) {
    Json components = Json::array();
    for (const MemoryLine& line : estimate.memory.lines)
        components.push_back({{"label", line.label}, {"bytes", line.bytes}, {"formula", line.formula}});
    Json fits = Json::array();
    if (estimate.wanted)
        fits.push_back(to_json(*estimate.wanted));
    else
        for (const Fit& fit : estimate.fits) fits.push_back(to_json(fit));
    return {{"profile", estimate.profile},
            {"inputs", inputs(estimate)},
            {"components", std::move(components)},
            {"total", estimate.memory.total()},
            {"fits", std::move(fits)},
            {"nearest", estimate.nearest ? Json(estimate.nearest->id) : Json(nullptr)},
            {"assumptions", estimate.assumptions},
            {"warnings", estimate.warnings}};
}

}  // namespace ktrain
