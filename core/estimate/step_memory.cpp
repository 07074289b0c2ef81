// Phases, reserve and recommendation from the parts of a step.
#include "core/estimate/step_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/activations.h"
#include "core/estimate/step_parts.h"

namespace ktrain {
namespace {

constexpr double gib = 1 << 30;
constexpr double context = 0.5 * gib;        // of CUDA with its kernels. Source: ml-engineering, "training/performance"
constexpr double communication = 1.0 * gib;  // of NCCL and torch.distributed. Source: the same

std::int64_t whole(double bytes) {
    if (!(bytes < 9e18)) throw Error(ErrorKind::input, "the sizes are too large: their bytes do not fit 63 bits");
    return static_cast<std::int64_t>(std::llround(std::max(bytes, 0.0)));
}

class Lines {
public:
    void add(std::string label, double bytes, std::string formula, std::string source) {
        if (bytes > 0) lines_.push_back({std::move(label), whole(bytes), std::move(formula), std::move(source)});
    }
    std::vector<MemoryLine> take() { return std::move(lines_); }

private:
    std::vector<MemoryLine> lines_;
};

std::string among(double shards) {
    return shards > 1 ? fmt::format(" / {:.0f} GPUs", shards) : "";
}

std::string count(double number) {
    return grouped(whole(number));
}

void add_held(const Conditions& c, const HeldParts& held, Lines& lines) {
    const Shards shards = shards_of(c);
    const std::string storage =
        c.storage->quantised
            ? fmt::format("{} x ({}) B + {} x 2 B", count(held.linear), c.storage->formula, count(held.rest))
            : fmt::format("{} x {} B", count(held.linear + held.rest), c.storage->formula);
    const auto trained = [&](double bytes, double gpus) {
        return fmt::format("{} x {:.4g} B", count(held.trained), bytes) + among(gpus);
    };
    lines.add("weights", held.weights, storage + among(shards.weights), "model.dtype, quantization");
    lines.add("adapters", held.adapters, trained(c.adapter_bytes, shards.weights), "Hu et al. 2021");
    lines.add("gradients", held.gradients, trained(c.gradient_bytes, shards.gradients), "Rajbhandari et al. 2020");
    lines.add("master weights", held.master, trained(4, shards.state), "Micikevicius et al. 2018");
    lines.add("optimizer", held.state, trained(c.state_bytes, shards.state), "training.optim");
    lines.add(c.framework->own_kernels ? "rounded copies" : "autocast copies", held.cast,
              "16-bit copies of float32 weights", c.framework->own_kernels ? "docs/trainer.md" : "torch.autocast");
}

void add_passing(const Conditions& c, const PassingParts& parts, Lines& lines) {
    const bool routed = c.shape.experts > 0 && c.shape.dense_layers == 0;
    const KeptByLayer layer = routed ? kept_by_expert_layer(c) : kept_by_dense_layer(c);
    const std::string tokens = fmt::format("tokens {}", count(parts.tokens));
    const std::string layers = fmt::format("{} x layers {}", tokens, layer_count(c.shape));
    if (c.recompute == Recompute::full)
        lines.add("checkpoints", parts.kept,
                  fmt::format("{} x hidden {} x {} B", layers, grouped(c.shape.hidden), c.compute_bytes),
                  "Chen et al. 2016");
    else
        lines.add("activations", parts.kept, fmt::format("{} x ({}) B", layers, layer.formula()), "docs/estimate.md");
    lines.add("working set", parts.layer, tokens + " x values and gradients of one layer", "docs/estimate.md");
    lines.add("logits", parts.logits, fmt::format("{} x classes {}", tokens, grouped(c.shape.vocab)),
              "docs/estimate.md");
    lines.add("gathered layers", parts.gathered_layers, "weights and gradients of two layers, or buckets",
              "docs/estimate.md");
    lines.add("gathered head", parts.gathered_root + parts.reduced_root, "embedding or head, and its gradient",
              "docs/estimate.md");
    lines.add("dequantised layer", parts.dequantised, "the largest layer in 16 bits", "bitsandbytes");
}

std::vector<StepPhase> phases_of(const Conditions& c, const HeldParts& held, const PassingParts& parts) {
    const double all = held.weights + held.adapters + held.master + held.state + held.cast;
    const bool accumulates = c.accumulation > 1;
    const double kept_gradients = accumulates ? held.gradients : 0;
    const Shards shards = shards_of(c);
    const bool has_head = c.full && !c.step_in_backward && c.offload != Offload::both;
    const double head = has_head ? c.gradient_bytes * held.head / shards.gradients : 0;
    const bool pieces = c.loss == LossKernel::chunked || c.loss == LossKernel::head_chunked;
    const double hidden = c.compute_bytes * static_cast<double>(c.shape.hidden) * parts.tokens;
    const double inside = parts.layer + parts.gathered_layers + parts.dequantised;
    return {
        {"loss", whole(all + kept_gradients + parts.kept + parts.logits + parts.gathered_root +
                       (pieces ? parts.head_gradient : 0))},
        {"head", whole(all + kept_gradients + parts.kept + parts.logits_left + parts.gathered_root +
                       parts.head_gradient + parts.reduced_root + hidden)},
        {"backward begins", whole(all + (accumulates ? held.gradients : head) + parts.kept + inside)},
        {"backward ends", whole(all + held.gradients + inside)},
        {"step", whole(all + held.gradients + parts.step)},
    };
}

// Every component keeps blocks of its own; of a card that would overflow, the allocator gives unused ones back.
double reserve(const Conditions& c, const HeldParts& held, const PassingParts& parts, const Fitted& fitted,
               double active) {
    if (c.framework->expandable_segments) return 1.02 * active;
    const double all = held.weights + held.adapters + held.master + held.state + held.cast + held.gradients;
    const double values = (parts.kept + parts.layer + parts.logits) * (c.varying_lengths ? fitted.varying : 1);
    const double buffers = parts.gathered_root + parts.reduced_root + parts.gathered_layers + parts.dequantised;
    const double sum = std::max(active, all + values + buffers);
    const double card = static_cast<double>(c.gpu_memory) * 0.985;
    return card > 0 && sum > card ? std::max(active, card) : sum;
}

bool shares(const Conditions& c) {
    return c.degrees.data * c.degrees.tensor * c.degrees.pipeline * c.degrees.context > 1;
}

// Measured peaks are within these factors of estimates in nine cases of ten. Source: docs/estimate.md.
void recommend(double factor, StepMemory& memory) {
    const double least = std::max(factor * static_cast<double>(memory.active), static_cast<double>(memory.reserved));
    memory.recommended = whole(least + static_cast<double>(memory.outside));
    memory.margin = fmt::format("the larger of {} x in use and reserved, and {} for the context", factor,
                                human_gib(static_cast<std::uint64_t>(memory.outside)));
}

}  // namespace

StepMemory plain_memory(MemoryBreakdown components) {
    StepMemory memory;
    memory.components = std::move(components);
    memory.active = memory.reserved = memory.components.total();
    memory.phases = {{"step", memory.active}};
    memory.peak_phase = memory.phases.front().name;
    memory.outside = whole(context);
    recommend(1.2, memory);
    return memory;
}

StepMemory step_memory(const Conditions& c, const Fitted& fitted) {
    const HeldParts held = held_parts(c);
    const PassingParts parts = passing_parts(c, held, fitted);
    Lines lines;
    add_held(c, held, lines);
    add_passing(c, parts, lines);
    StepMemory memory;
    memory.components.lines = lines.take();
    memory.phases = phases_of(c, held, parts);
    const auto peak = std::ranges::max_element(memory.phases, {}, &StepPhase::bytes);
    memory.peak_phase = peak->name;
    memory.active = peak->bytes;
    memory.reserved = whole(reserve(c, held, parts, fitted, static_cast<double>(memory.active)));
    memory.outside = whole(context + (shares(c) ? communication : 0));
    const bool sharded = c.sharding != Sharding::none && c.sharding != Sharding::ddp;
    recommend(sharded ? 1.25 : 1.2, memory);
    return memory;
}

}  // namespace ktrain
