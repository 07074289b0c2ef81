// Phases, reserve and recommendation from the parts of a step.
#include "core/estimate/step_figures.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/error.h"

namespace ktrain {
namespace {

constexpr double gib = 1 << 30;
constexpr double context = 0.5 * gib;        // Source: ml-engineering, "training/performance"
constexpr double communication = 1.0 * gib;  // Source: the same

// In the order of step_phases.
std::array<double, step_phases.size()> phases_of(const Conditions& c, const StepFigures& figures) {
    const HeldParts& held = figures.held;
    const PassingParts& parts = figures.passing;
    const double all = held.all(), kept = parts.kept + parts.exchanged;
    // With a pipeline, every micro-batch adds to the gradients of those before it.
    const double kept_gradients = c.accumulation > 1 ? held.gradients : 0;
    const bool has_head = c.full && !c.step_in_backward && c.offload != Offload::both;
    const double head = has_head ? c.gradient_bytes * held.head / shards_of(c).gradients : 0;
    const bool pieces = c.loss == LossKernel::chunked || c.loss == LossKernel::head_chunked;
    const double hidden = c.compute_bytes * static_cast<double>(c.shape.hidden) * parts.tokens;
    const double inside = parts.layer + parts.gathered_layers + parts.dequantised;
    return {parts.cache > 0 ? all + parts.cache + parts.gathered_layers + parts.gathered_root : 0,
            all + kept_gradients + kept + parts.logits + parts.second_logits + parts.gathered_root +
                (pieces ? parts.head_gradient : 0),
            all + kept_gradients + kept + parts.logits_left + parts.gathered_root + parts.head_gradient +
                parts.reduced_root + hidden,
            all + std::max(kept_gradients, head) + kept + inside,
            all + held.gradients + inside,
            all + held.gradients + parts.step};
}

// Every component keeps blocks of its own.
double reserve(const Conditions& c, const StepFigures& figures, const Fitted& fitted, double active) {
    if (c.framework->expandable_segments) return 1.02 * active;
    const PassingParts& parts = figures.passing;
    const double values = (parts.kept + parts.layer + parts.logits + parts.second_logits + parts.cache) *
                          (c.varying_lengths ? fitted.varying : 1);
    const double buffers =
        parts.gathered_root + parts.reduced_root + parts.gathered_layers + parts.dequantised + parts.exchanged;
    return std::max(active, figures.held.all() + figures.held.gradients + values + buffers);
}

bool several(const Conditions& c) {
    return c.degrees.data * c.degrees.tensor * c.degrees.pipeline * c.degrees.context > 1;
}

StepFigures figures_of(const Conditions& c, const Fitted& fitted, const Stage& stage) {
    StepFigures figures;
    figures.stage = stage;
    figures.held = held_parts(c, stage);
    figures.passing = passing_parts(c, figures.held, fitted, stage);
    std::ranges::transform(phases_of(c, figures), figures.phases.begin(), whole_bytes);
    figures.peak = static_cast<std::size_t>(std::ranges::max_element(figures.phases) - figures.phases.begin());
    figures.active = figures.phases[figures.peak];
    figures.wanted = whole_bytes(reserve(c, figures, fitted, static_cast<double>(figures.active)));
    figures.outside = outside_bytes(several(c));
    figures.margin = c.sharding != Sharding::none && c.sharding != Sharding::ddp ? 1.25 : 1.2;
    const OnCard held = on_card(c.gpu_memory, figures.margin, figures.active, figures.wanted, figures.outside);
    figures.reserved = held.reserved;
    figures.recommended = held.recommended;
    return figures;
}

}  // namespace

std::int64_t whole_bytes(double bytes) {
    if (!(bytes < 9e18)) throw Error(ErrorKind::input, "the sizes are too large: their bytes do not fit 63 bits");
    return static_cast<std::int64_t>(std::llround(std::max(bytes, 0.0)));
}

std::int64_t outside_bytes(bool several) {
    return whole_bytes(context + (several ? communication : 0));
}

OnCard on_card(std::int64_t card, double margin, std::int64_t active, std::int64_t wanted, std::int64_t outside) {
    // Less than a card has is left to the allocator: rounding, and what the driver keeps.
    const double room = std::min(0.985 * static_cast<double>(card), static_cast<double>(card - outside));
    const bool overflows = card > 0 && static_cast<double>(wanted) > room;
    const double reserved = overflows ? std::max(static_cast<double>(active), room) : static_cast<double>(wanted);
    const double least = std::max(margin * static_cast<double>(active), reserved);
    return {whole_bytes(reserved), whole_bytes(least + static_cast<double>(outside))};
}

std::int64_t multiplied(std::int64_t recommended, std::int64_t outside, double multiplier) {
    return whole_bytes(multiplier * static_cast<double>(recommended - outside)) + outside;
}

StepFigures step_figures(const Conditions& c, const Fitted& fitted) {
    std::optional<StepFigures> most;
    for (const Stage& stage : stages_of(c)) {
        StepFigures figures = figures_of(c, fitted, stage);
        if (!most || figures.recommended > most->recommended) most = std::move(figures);
    }
    return *most;
}

}  // namespace ktrain
