// The lines of a step's memory with their formulas.
#include "core/estimate/step_memory.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/estimate/activations.h"
#include "core/estimate/labels.h"
#include "core/estimate/step_parts.h"

namespace ktrain {
namespace {

class Lines {
public:
    void add(std::string_view label, double bytes, std::string formula, std::string source) {
        if (bytes > 0)
            lines_.push_back({std::string(label), whole_bytes(bytes), std::move(formula), std::move(source)});
    }
    std::vector<MemoryLine> take() { return std::move(lines_); }

private:
    std::vector<MemoryLine> lines_;
};

std::string among(double shards) {
    return shards > 1 ? fmt::format(" / {:.0f} GPUs", shards) : "";
}

std::string count(double number) {
    return grouped(whole_bytes(number));
}

void add_held(const Conditions& c, const HeldParts& held, Lines& lines) {
    const Shards shards = shards_of(c);
    const std::string storage =
        c.storage->quantised
            ? fmt::format("{} x ({}) B + {} x 2 B", count(held.linear), c.storage->formula, count(held.rest))
            : fmt::format("{} x {} B", count(held.linear + held.rest), c.storage->formula);
    const std::string models = c.companions.trained > 1 ? fmt::format("{} models x ", c.companions.trained) : "";
    const auto trained = [&](double bytes, double gpus) {
        return models + fmt::format("{} x {:.4g} B", count(held.trained), bytes) + among(gpus);
    };
    lines.add(labels::weights, held.weights, (c.full ? models : "") + storage + among(shards.weights),
              "model.dtype, quantization");
    lines.add(labels::adapters, held.adapters, trained(c.adapter_bytes, shards.weights), "Hu et al. 2021");
    lines.add(labels::gradients, held.gradients, trained(c.gradient_bytes, shards.gradients),
              "Rajbhandari et al. 2020");
    lines.add("master weights", held.master, trained(4, shards.state), "Micikevicius et al. 2018");
    lines.add(labels::optimizer, held.state, trained(c.state_bytes, shards.state), "training.optim");
    lines.add(c.framework->own_kernels ? labels::rounded_copies : "autocast copies", held.cast,
              "16-bit copies of float32 weights", c.framework->own_kernels ? "docs/trainer.md" : "torch.autocast");
}

void add_passing(const Conditions& c, const StepFigures& figures, Lines& lines) {
    const PassingParts& parts = figures.passing;
    const bool routed = c.shape.experts > 0 && c.shape.dense_layers == 0;
    const KeptByLayer layer = routed ? kept_by_expert_layer(c) : kept_by_dense_layer(c);
    const std::string tokens = fmt::format("tokens {}", count(parts.tokens));
    const double share = figures.stage.share * static_cast<double>(layer_count(c.shape));
    std::string layers = fmt::format("{} x layers {:.0f}", tokens, share);
    if (figures.stage.in_flight > 1) layers += fmt::format(" x {:.4g} batches in flight", figures.stage.in_flight);
    if (c.companions.trained > 1) layers += fmt::format(" x {} models", c.companions.trained);
    if (c.degrees.tensor > 1) layers += fmt::format(" / {} GPUs", c.degrees.tensor);
    if (c.recompute == Recompute::full)
        lines.add(labels::checkpoints, parts.kept,
                  fmt::format("{} x hidden {} x {} B", layers, grouped(c.shape.hidden), c.compute_bytes),
                  "Chen et al. 2016");
    else
        lines.add(labels::activations, parts.kept, fmt::format("{} x ({}) B", layers, layer.formula()),
                  "docs/estimate.md");
    lines.add(labels::working_set, parts.layer, tokens + " x values and gradients of one layer", "docs/estimate.md");
    const bool scored = c.companions.scored;
    lines.add(labels::logits, parts.logits,
              scored ? "one row for each text" : fmt::format("{} x classes {}", tokens, grouped(c.shape.vocab)),
              "docs/estimate.md");
    lines.add("second logits", parts.second_logits,
              fmt::format("{} x classes {} x 10 B", tokens, grouped(c.shape.vocab)),
              "docs/estimate.md, \"Objectives\"");
    lines.add("rollout", parts.cache, fmt::format("{} x keys and values of all layers, and scores", tokens),
              "docs/estimate.md, \"Objectives\"");
    lines.add("exchanged keys", parts.exchanged, fmt::format("{} x 2 x keys and values of one layer", tokens),
              "Liu et al. 2023");
    lines.add("gathered layers", parts.gathered_layers, "weights and gradients of two layers, or buckets",
              "docs/estimate.md");
    lines.add("gathered head", parts.gathered_root + parts.reduced_root, "embedding or head, and its gradient",
              "docs/estimate.md");
    lines.add("dequantised layer", parts.dequantised, "the largest layer in 16 bits", "bitsandbytes");
}

std::string margin_text(double margin, std::int64_t outside) {
    return fmt::format("the larger of {} x in use and reserved, and {} for the context", margin,
                       human_gib(static_cast<std::uint64_t>(outside)));
}

// Components that are made of other models than the one that trains.
void add_companions(const Conditions& c, const HeldParts& held, Lines& lines) {
    const Companions& others = c.companions;
    std::string formula;
    const auto add = [&](std::int64_t count, const std::string& what) {
        if (count > 0) formula += fmt::format("{}{} {}", formula.empty() ? "" : " + ", count, what);
    };
    add(others.frozen, others.frozen == 1 ? "frozen model" : "frozen models");
    add(others.adapters, "frozen adapter");
    if (others.other > 0) add(1, fmt::format("model of {} parameters", grouped(others.other)));
    lines.add("companions", held.companions, formula + among(shards_of(c).weights), "docs/estimate.md, \"Objectives\"");
}

void copy_figures(const StepFigures& figures, StepMemory& memory) {
    for (std::size_t i = 0; i < step_phases.size(); ++i)
        if (figures.phases[i] > 0) memory.phases.push_back({step_phases[i], figures.phases[i]});
    memory.peak_phase = step_phases[figures.peak];
    memory.active = figures.active;
    memory.low = whole_bytes((1 - band) * static_cast<double>(figures.active));
    memory.high = whole_bytes((1 + band) * static_cast<double>(figures.active));
    memory.wanted = figures.wanted;
    memory.reserved = figures.reserved;
    memory.factor = figures.margin;
    memory.outside = figures.outside;
    memory.recommended = figures.recommended;
    memory.margin = margin_text(figures.margin, figures.outside);
}

}  // namespace

StepMemory plain_memory(MemoryBreakdown components) {
    StepFigures figures;
    figures.active = figures.wanted = figures.reserved = components.total();
    figures.peak = step_phases.size() - 1;
    figures.phases[figures.peak] = figures.active;
    figures.outside = outside_bytes(false);
    figures.margin = 1.2;
    figures.recommended = on_card(0, figures.margin, figures.active, figures.wanted, figures.outside).recommended;
    StepMemory memory;
    memory.components = std::move(components);
    copy_figures(figures, memory);
    return memory;
}

StepMemory step_memory(const Conditions& c, const Fitted& fitted) {
    const StepFigures figures = step_figures(c, fitted);
    Lines lines;
    add_held(c, figures.held, lines);
    add_companions(c, figures.held, lines);
    add_passing(c, figures, lines);
    StepMemory memory;
    memory.components.lines = lines.take();
    copy_figures(figures, memory);
    memory.host = whole_bytes(offloaded_bytes(c));
    if (c.degrees.pipeline > 1) memory.part = figures.stage.first ? "first" : "last";
    return memory;
}

std::int64_t recommended_on(const StepMemory& memory, std::int64_t card) {
    const std::int64_t bytes = on_card(card, memory.factor, memory.active, memory.wanted, memory.outside).recommended;
    return multiplied(bytes, memory.outside, memory.multiplier);
}

}  // namespace ktrain
