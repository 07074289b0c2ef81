// Where the handbook's words about memory contradict each other or what is measured.
#include <fmt/format.h>

#include "core/base/text.h"
#include "core/estimate/handbook_case.h"
#include "core/estimate/parted.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/count.h"

namespace ktrain::handbook {

Text full_bytes(const Case& c) {
    if (!c.full()) return {};
    const double p = c.parameters();
    return fmt::format(
        "112 GB and, by its own sum, 98 GB for 7B; here 8 B a parameter (all in 16 bits) are {}, 14 B {}, "
        "16 B {} and 18 B (mixed precision with float32 gradients) {}",
        gigabytes(8 * p), gigabytes(14 * p), gigabytes(16 * p), gigabytes(18 * p));
}

Text gradients(const Case& c) {
    if (!c.full() || c.spec().model.dtype == "float32") return {};
    return fmt::format(
        "gradients of 4 B beside 16-bit weights hold only where they are summed in float32, {} here; weights that "
        "train in 16 bits have gradients of 2 B, {}",
        gigabytes(4 * c.parameters()), gigabytes(2 * c.parameters()));
}

Text master(const Case& c) {
    if (!c.full()) return {};
    return fmt::format("8 B for AdamW leave out the float32 copy that mixed precision keeps of 16-bit weights, {} here",
                       gigabytes(4 * c.parameters()));
}

Text activations(const Case& c) {
    const ModelShape& shape = c.estimate.shape;
    if (shape.hidden == 0) return {};
    const TrainingSpec& spec = c.spec();
    const std::int64_t said = product(
        {spec.training.per_device_train_batch_size, counted_length(spec, shape), shape.hidden, shape.layers, 2});
    const double kept = c.line("activations") + c.line("checkpoints") + c.line("working set");
    return fmt::format("batch x seq x hidden x layers is what full checkpointing alone keeps, {}; this step holds {}",
                       gigabytes(static_cast<double>(said)), gigabytes(kept));
}

Text logits(const Case& c) {
    const std::int64_t vocab = c.estimate.shape.vocab;
    const double bytes = 14 * c.tokens() * static_cast<double>(vocab);
    if (vocab == 0 || bytes < 0.05 * c.active()) return {};
    return fmt::format("no logits: at once, in float32 with their gradient, they would take {} of {} classes",
                       gigabytes(bytes), grouped(vocab));
}

Text qlora_range(const Case& c) {
    if (!c.quantised() || !c.about_7b()) return {};
    return fmt::format("6-12 GB is the least; {} tokens need {}", grouped(static_cast<std::int64_t>(c.tokens())),
                       gigabytes(c.active()));
}

Text qlora_host_memory(const Case& c) {
    if (!c.quantised() || c.parameters() < 60e9) return {};
    return fmt::format(
        "its 48Gi are memory of the container, not of the GPU: loading {} of 16-bit weights within them "
        "takes a reader of one shard at a time, and the GPU needs {}",
        gigabytes(2 * c.parameters()), gigabytes(c.active()));
}

Text unsharded(const Case& c) {
    const Estimate& e = c.estimate;
    if (!is_whole_on_each(e) || !e.wanted || e.wanted->fits) return {};
    const auto parted = c.parted(c.gpus());
    return fmt::format("{} GPUs that each hold the whole model and its optimizer do not help it fit: {} on each{}",
                       c.gpus(), gigabytes(c.active()),
                       parted ? fmt::format("; {} where FSDP or ZeRO-3 parts it over them", gigabytes(*parted)) : "");
}

Text two_gpus(const Case& c) {
    const Estimate& e = c.estimate;
    if (!c.full() || !c.about_7b() || (c.gpus() > 1 && !is_whole_on_each(e))) return {};
    if (e.wanted && !e.wanted->gpu.id.starts_with("a100-80gb")) return {};
    const auto parted = c.parted(2);
    if (!parted) return {};
    return fmt::format(
        "\"2x A100 80GB\" hold the {} of 18 B a parameter only when FSDP or ZeRO-3 parts them: {} on each of the two; "
        "{} on every GPU that holds all",
        gigabytes(18 * c.parameters()), gigabytes(*parted), gigabytes(c.active()));
}

Text same_hardware(const Case& c) {
    const Estimate& e = c.estimate;
    if (c.parameters() < 60e9 || !e.wanted || e.wanted->fits) return {};
    return fmt::format("the table has 70B on the hardware of 7B; {} is short of {}", e.wanted->gpu.id,
                       gigabytes(-static_cast<double>(e.wanted->headroom)));
}

Text dpo_reference(const Case& c) {
    const ObjectiveSpec& objective = c.spec().objective;
    if (!c.lora() || (objective.type != "dpo" && objective.type != "kto") || objective.precompute_ref_log_probs)
        return {};
    const double weights = c.line("weights");
    const bool there = has_reference_beside_adapters(c.spec());
    const double without = c.active() - (there ? c.line("companions") : 0);
    return fmt::format(
        "its script passes a reference model and LoRA: {} for nothing, as the model without its adapters is the "
        "reference; {} in use with it, {} without",
        gigabytes(weights), gigabytes(without + weights), gigabytes(without));
}

Text offload_host_memory(const Case& c) {
    const ParallelSpec& parallel = c.spec().parallel;
    if (!parallel.offload_optimizer || !parallel.offload_param) return {};
    const ResourcesSpec& resources = c.spec().resources;
    const double p = c.parameters();
    return fmt::format(
        "it offloads parameters and optimizer, and asks for no memory: 16 to 18 B a parameter and half as much again "
        "for pinned buffers are {} to {} over all nodes, by DeepSpeed's own estimate; here {} on each of {}",
        gigabytes(1.5 * 16 * p), gigabytes(1.5 * 18 * p), gigabytes(static_cast<double>(c.estimate.step->host)),
        resources.nodes);
}

}  // namespace ktrain::handbook
