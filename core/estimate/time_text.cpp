// The formulas of a time estimate in words, with the numbers filled in.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "core/base/text.h"
#include "core/estimate/time.h"

namespace ktrain {
namespace {

// 6607343616 -> "6,607,343,616"; 0.95 -> "0.95"; 1e18 -> "1e+18".
std::string figure(double value) {
    if (std::abs(value) >= 1e15 || (std::abs(value) < 1000 && value != std::floor(value)))
        return fmt::format("{:.4g}", value);
    std::string text = fmt::format("{:.0f}", value);
    for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::string attention(const TimeInput& input, int factor) {
    const ModelWork& work = input.work;
    if (work.layers * work.attention_width * input.conditions.seq_len <= 0) return "";
    const std::string length =
        work.window > 0 && work.window_share > 0
            ? fmt::format("({:.4g} x {} + {:.4g} x {}) tokens", 1 - work.window_share, figure(input.conditions.seq_len),
                          work.window_share, figure(std::min(work.window, input.conditions.seq_len)))
            : fmt::format("{} tokens", figure(input.conditions.seq_len));
    return fmt::format(" + {} x {} layers x {} wide x {}", factor, figure(work.layers), figure(work.attention_width),
                       length);
}

// Of one model that trains: "6 x 6,607,343,616 parameters + 12 x 32 layers x 4,096 wide x 2,048 tokens".
std::string trained_formula(const TimeInput& input, double parameters) {
    const ModelWork& work = input.work;
    const bool full = input.conditions.training == Training::full;
    std::string text =
        fmt::format("{} x {} parameters{}", full ? 6 : 4, figure(parameters), attention(input, full ? 12 : 8));
    if (full && work.frozen > 0) text += fmt::format(" - 2 x {} frozen", figure(std::min(work.frozen, parameters)));
    if (!full && work.adapter_parameters > 0)
        text += fmt::format(" + 6 x {} of adapters", figure(work.adapter_parameters));
    return text;
}

std::string flops_formula(const TimeInput& input, const TokenFlops& flops) {
    const ModelWork& work = input.work;
    const Passes& passes = work.passes;
    if (flops.useful <= 0) return "";
    std::vector<std::string> terms;
    if (passes.trained > 0) terms.push_back(trained_formula(input, work.parameters));
    if (passes.trained_scored > 0) terms.push_back(trained_formula(input, work.parameters - work.head));
    if (const double more = passes.forward + passes.forward_scored; more > 0)
        terms.push_back(fmt::format("{:.3g} forward {} more: {:.4g} GFLOP", more, more == 1 ? "pass" : "passes",
                                    (flops.further - 2 * passes.teacher) / 1e9));
    if (passes.teacher > 0) terms.push_back(fmt::format("2 x {} of the teacher", figure(passes.teacher)));
    std::string text = fmt::format("{} = {:.4g} GFLOP", fmt::join(terms, " + "), flops.useful / 1e9);
    if (input.conditions.recompute) text += fmt::format("; with one forward more {:.4g} GFLOP", flops.executed / 1e9);
    return text;
}

std::string speed_formula(const TimeInput& input, const TimeFigures& figures) {
    const Range& speed = figures.tokens_per_second;
    if (input.tokens_per_second > 0) return fmt::format("{} tokens/s measured", figure(speed.mid));
    return fmt::format("MFU {:.3g} x {:.4g} TFLOP/s / {:.4g} GFLOP = {} tokens/s ({} to {})", figures.mfu.share.mid,
                       input.conditions.gpu.peak / 1e12, figures.flops.useful / 1e9, figure(std::round(speed.mid)),
                       figure(std::round(speed.low)), figure(std::round(speed.high)));
}

TimeLine training_line(const TimeInput& input, const TimeFigures& figures) {
    std::string tokens = input.tokens > 0
                             ? fmt::format("{} tokens", figure(input.tokens))
                             : fmt::format("{} samples x {} tokens", figure(input.samples), figure(input.mean_length));
    if (input.epochs != 1) tokens += fmt::format(" x {} epochs", figure(input.epochs));
    std::string text = fmt::format("{} / ({} {} x {} tokens/s)", tokens, figure(input.gpus),
                                   input.gpus == 1 ? "GPU" : "GPUs", figure(std::round(figures.tokens_per_second.mid)));
    if (input.packing_efficiency < 1 && !figures.mfu.padding)
        text += fmt::format(" / {:.3g} without padding", input.packing_efficiency);
    return {"training", figures.training, std::move(text),
            std::string(input.tokens_per_second > 0 ? "measured" : figures.mfu.source)};
}

// "5 x (1 s + 84.0 GB / 0.5 GB/s)"
TimeLine checkpoints_line(const TimeInput& input, const TimeFigures& figures) {
    const double bytes = input.work.saved_bytes;
    const double speed = input.saves_meanwhile ? copy_speed : write_speed;
    std::string each = fmt::format("{} s + {} / {} GB/s", figure(input.checkpoint_seconds),
                                   human_bytes(static_cast<std::uint64_t>(bytes)), figure(speed / 1e9));
    if (input.saves_meanwhile) each += " to copy";
    const double late = figures.checkpoints / input.checkpoints - input.checkpoint_seconds - bytes / speed;
    if (late > 1) each += fmt::format(" + {:.0f} s until the one before is written", late);
    return {"checkpoints", exactly(figures.checkpoints), fmt::format("{} x ({})", figure(input.checkpoints), each),
            "PyTorch, \"Reducing model checkpointing times by over 10x\""};
}

void add_lines(const TimeInput& input, const TimeFigures& figures, std::vector<TimeLine>& lines) {
    lines.push_back(training_line(input, figures));
    if (figures.loading > 0)
        lines.push_back({"loading", exactly(figures.loading), fmt::format("{} s", figure(figures.loading)),
                         "fm-training-estimator: 5 minutes"});
    if (figures.checkpoints > 0) lines.push_back(checkpoints_line(input, figures));
    if (figures.evaluation.high > 0)
        lines.push_back(
            {"evaluation", figures.evaluation,
             fmt::format("{} x {} tokens, each {:.3g} of a training token", figure(input.evaluations),
                         figure(input.evaluation_tokens),
                         figures.flops.executed > 0 ? figures.flops.forward / figures.flops.executed : 1.0 / 3),
             "a forward alone"});
    if (figures.interruptions.high > 0) {
        const double whole = figures.uninterrupted().mid;
        lines.push_back({"interruptions", figures.interruptions,
                         fmt::format("{:.3g} of the time: (half the time between checkpoints + {} s) every {} s",
                                     figures.interruptions.mid / (whole + figures.interruptions.mid),
                                     figure(input.restart_seconds), figure(input.seconds_between_interruptions)),
                         "expected value"});
    }
}

}  // namespace

TimeEstimate estimate_time(const TimeInput& input) {
    TimeEstimate result;
    result.figures = time_figures(input);
    const TimeFigures& figures = result.figures;
    result.flops = flops_formula(input, figures.flops);
    result.speed = speed_formula(input, figures);
    add_lines(input, figures, result.lines);
    const bool measured = input.tokens_per_second > 0;
    if (!measured && input.work.layers * input.work.attention_width <= 0)
        result.assumptions.emplace_back("the shape of the model is not known: attention is not counted");
    else if (!measured)
        result.assumptions.emplace_back("attention is counted whole, as in the published MFU figures");
    if (!measured)
        result.assumptions.push_back(
            fmt::format("MFU of \"{}\", 0.6 to 1.3 times: {}", figures.mfu.name, figures.mfu.source));
    if (figures.mfu.padding && input.packing_efficiency < 1)
        result.assumptions.emplace_back("the MFU is that of rows with padding: it is not taken again");
    if (measured && figures.mfu.share.mid > plausible_mfu)
        result.warnings.push_back(
            fmt::format("{} tokens/s would be {:.0f} % of the GPU's peak in 16 bits: above {:.0f} % it is usually "
                        "another GPU, or the "
                        "speed of several",
                        figure(input.tokens_per_second), 100 * figures.mfu.share.mid, 100 * plausible_mfu));
    return result;
}

Json to_json(const TimeEstimate& estimate) {
    const TimeFigures& figures = estimate.figures;
    Json lines = Json::array();
    for (const TimeLine& line : estimate.lines)
        lines.push_back({{"label", line.label},
                         {"seconds", to_json(line.seconds)},
                         {"formula", line.formula},
                         {"source", line.source}});
    return {{"tokens", figures.tokens},
            {"flops_per_token", figures.flops.useful},
            {"executed_flops_per_token", figures.flops.executed},
            {"flops_formula", estimate.flops},
            {"mfu", figures.mfu.share.mid > 0 ? to_json(figures.mfu.share) : Json(nullptr)},
            {"tokens_per_second_per_gpu", to_json(figures.tokens_per_second)},
            {"speed_formula", estimate.speed},
            {"lines", std::move(lines)},
            {"seconds", to_json(figures.total())},
            {"assumptions", estimate.assumptions},
            {"warnings", estimate.warnings}};
}

}  // namespace ktrain
