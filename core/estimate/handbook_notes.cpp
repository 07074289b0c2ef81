// What profile docs assumes where the handbook is silent or disagrees with itself.
#include "core/estimate/handbook_notes.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/estimate/handbook.h"
#include "core/spec/optimizers.h"

namespace ktrain {
namespace {

bool is_full(const TrainingSpec& spec) {
    return spec.method.type == "full";
}

bool freezes(const TrainingSpec& spec) {
    return is_full(spec) && (spec.method.freeze_layers > 0 || !spec.method.freeze_modules.empty());
}

}  // namespace

std::vector<std::string> handbook_assumptions(const TrainingSpec& spec, const ModelShape& shape) {
    std::vector<std::string> lines{
        "every GPU holds the whole model: no sharding, no offload",
        "logits, workspace and the CUDA context are not counted",
        "GB are 10^9 bytes, GiB 2^30; a GPU has what its driver or the clouds list, the smaller"};
    if (!is_full(spec))
        lines.push_back(
            "LoRA matrices: 2 B an element; the handbook counts no gradients and no optimizer states for them");
    if (!is_full(spec) && weight_bits(spec) < 16)
        lines.push_back(
            fmt::format("the handbook has no formula for QLoRA: its precision becomes {} B for {}-bit weights",
                        weight_bits(spec) == 4 ? "0.5" : "1", weight_bits(spec)));
    if (freezes(spec))
        lines.push_back("frozen weights are counted like those that train: the handbook has no formula for them");
    const OptimizerKind kind = optimizer_row(spec.training.optim).kind;
    if (is_full(spec) && optimizer_state(spec.training).bytes != 8)
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

std::string handbook_lora_warning(const Estimate& result) {
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

}  // namespace ktrain
