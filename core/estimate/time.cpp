// FLOPs, speed and seconds of a training: numbers only.
#include "core/estimate/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/model/parameters.h"

namespace ktrain {
namespace {

// Tokens that a token attends to, over all layers on average.
double attended(const ModelWork& work, double seq_len) {
    if (work.window <= 0) return seq_len;
    return (1 - work.window_share) * seq_len + work.window_share * std::min(seq_len, work.window);
}

void check(bool good, std::string_view name, std::string_view wanted, double value) {
    if (!good) throw Error(ErrorKind::input, fmt::format("{} must be {}, not {}", name, wanted, value));
}

void check_numbers(const TimeInput& input) {
    struct Named {
        std::string_view name;
        double value;
    };
    const ModelWork& work = input.work;
    for (const Named& number : {Named{"the number of parameters", work.parameters},
                                Named{"the number of adapter parameters", work.adapter_parameters},
                                Named{"the parameters of the head", work.head},
                                Named{"the frozen parameters", work.frozen},
                                Named{"the bytes of a checkpoint", work.saved_bytes},
                                Named{"the parameters of the teacher", work.passes.teacher},
                                Named{"the number of layers", work.layers},
                                Named{"the width of attention", work.attention_width},
                                Named{"the sliding window", work.window},
                                Named{"the row length", input.conditions.seq_len},
                                Named{"the tokens of a micro-batch", input.conditions.micro_batch_tokens},
                                Named{"tokens a second", input.tokens_per_second},
                                Named{"the number of tokens", input.tokens},
                                Named{"the number of samples", input.samples},
                                Named{"the mean length", input.mean_length},
                                Named{"the number of epochs", input.epochs},
                                Named{"the time to load", input.load_seconds},
                                Named{"the number of checkpoints", input.checkpoints},
                                Named{"the time of a checkpoint", input.checkpoint_seconds},
                                Named{"the number of evaluations", input.evaluations},
                                Named{"the tokens of an evaluation", input.evaluation_tokens},
                                Named{"the time between interruptions", input.seconds_between_interruptions},
                                Named{"the time to restart", input.restart_seconds}})
        check(std::isfinite(number.value) && number.value >= 0, number.name, "0 or more", number.value);
    check(work.window_share >= 0 && work.window_share <= 1, "the share of layers with a window", "from 0 to 1",
          work.window_share);
    check(input.packing_efficiency > 0 && input.packing_efficiency <= 1, "the packing efficiency", "above 0, 1 at most",
          input.packing_efficiency);
    check(std::isfinite(input.gpus) && input.gpus >= 1, "the number of GPUs", "1 or more", input.gpus);
}

double trained_tokens(const TimeInput& input) {
    const double epoch = input.tokens > 0 ? input.tokens : input.samples * input.mean_length;
    if (epoch * input.epochs > 0) return epoch * input.epochs;
    throw Error(ErrorKind::input, "how many tokens are trained is not known", {},
                "give their number, or the number of samples and their mean length");
}

ModelWork weights_alone(ModelWork work) {
    work.layers = work.adapter_parameters = 0;
    return work;
}

// What a measured speed implies. Errors: a speed whose products of weights alone are above any peak.
Mfu implied(const TimeInput& input, const TokenFlops& flops) {
    const GpuSpeed& gpu = input.conditions.gpu;
    const double speed = input.tokens_per_second;
    if (gpu.peak <= 0 || flops.useful <= 0) return {};
    const double needed = token_flops(weights_alone(input.work), input.conditions.training, 0, false).useful * speed;
    if (needed > gpu.fastest)
        throw Error(ErrorKind::input,
                    fmt::format("{:.6g} tokens/s on one GPU need {:.4g} TFLOP/s, above its peak of {:.4g}", speed,
                                needed / 1e12, gpu.fastest / 1e12),
                    {}, "give the tokens per second of one GPU, and name the GPU that was measured");
    return {exactly(flops.useful * speed / gpu.peak), "measured", "measured"};
}

void set_speed(const TimeInput& input, TimeFigures& figures) {
    if (input.tokens_per_second > 0) {
        figures.mfu = implied(input, figures.flops);
        figures.tokens_per_second = exactly(input.tokens_per_second);
        return;
    }
    const double peak = input.conditions.gpu.peak;
    if (peak <= 0 || figures.flops.useful <= 0)
        throw Error(ErrorKind::input,
                    peak <= 0 ? "the peak of this GPU is not known" : "the number of parameters is not known", {},
                    "give the tokens per second of one GPU");
    MfuCase conditions = input.conditions;
    conditions.parameters = input.work.parameters;
    figures.mfu = mfu(conditions);
    figures.tokens_per_second = figures.mfu.share * (peak / figures.flops.useful);
}

// Seconds for `work` at a speed of one GPU: the highest speed is the shortest time.
Range seconds(double work, const Range& speed, double gpus) {
    return {work / (gpus * speed.high), work / (gpus * speed.mid), work / (gpus * speed.low)};
}

// What all checkpoints stop the training for. One that is written meanwhile is waited for by the next.
double saving(const TimeInput& input, double training) {
    if (input.checkpoints <= 0) return 0;
    const double written = input.work.saved_bytes / write_speed;
    const double copied = input.work.saved_bytes / copy_speed;
    const double late = std::max(0.0, written - training / input.checkpoints);
    const double stall = input.saves_meanwhile ? copied + late : written;
    return input.checkpoints * (input.checkpoint_seconds + stall);
}

// Each interruption takes the way back to the last checkpoint, half an interval on average, and a restart.
double lost(const TimeInput& input, double training, double uninterrupted) {
    const double interval = training / std::max(1.0, input.checkpoints);
    const double share = (interval / 2 + input.restart_seconds) / input.seconds_between_interruptions;
    if (share >= 1)
        throw Error(ErrorKind::input,
                    fmt::format("the run would never end: an interruption every {:.0f} s takes {:.0f} s back",
                                input.seconds_between_interruptions, interval / 2 + input.restart_seconds),
                    {}, "save checkpoints more often, or take GPUs that are not interrupted");
    return uninterrupted * share / (1 - share);
}

}  // namespace

ModelWork model_work(const ModelShape& shape) {
    if (shape.family == "simple_cnn")
        throw Error(ErrorKind::input, "the time of simple_cnn cannot be estimated from its parameters");
    ModelWork work;
    work.parameters = std::max(0.0, static_cast<double>(multiplied_parameters(shape)));
    if (shape.labels == 0)
        work.head = std::min(work.parameters, static_cast<double>(shape.vocab) * static_cast<double>(shape.hidden));
    work.layers = static_cast<double>(shape.layers);
    work.attention_width = static_cast<double>(shape.heads) * static_cast<double>(shape.head_dim);
    if (shape.sliding_window > 0 && shape.layers > 0) {
        work.window = static_cast<double>(shape.sliding_window);
        work.window_share = static_cast<double>(shape.sliding_layers) / work.layers;
    }
    return work;
}

TokenFlops token_flops(const ModelWork& work, Training training, double seq_len, bool recompute) {
    const double attention = work.layers * work.attention_width * attended(work, seq_len);
    const Passes& passes = work.passes;
    const auto forward = [&](double parameters) { return 2 * (parameters + work.adapter_parameters) + 4 * attention; };
    const auto trained = [&](double parameters) {
        return training == Training::full ? 6 * parameters - 2 * std::min(work.frozen, parameters) + 12 * attention
                                          : 4 * parameters + 8 * attention + 6 * work.adapter_parameters;
    };
    const double whole = work.parameters, scored = work.parameters - work.head;
    const double again = passes.trained * forward(whole) + passes.trained_scored * forward(scored);
    TokenFlops flops;
    flops.further = passes.forward * forward(whole) + passes.forward_scored * forward(scored) + 2 * passes.teacher;
    flops.forward = again + flops.further;
    flops.useful = passes.trained * trained(whole) + passes.trained_scored * trained(scored) + flops.further;
    flops.executed = flops.useful + (recompute ? again : 0);
    return flops;
}

TimeFigures time_figures(const TimeInput& input) {
    check_numbers(input);
    const MfuCase& conditions = input.conditions;
    TimeFigures figures;
    figures.tokens = trained_tokens(input);
    figures.flops = token_flops(input.work, conditions.training, conditions.seq_len, conditions.recompute);
    set_speed(input, figures);
    const double packing = figures.mfu.padding ? 1 : input.packing_efficiency;
    figures.training = seconds(figures.tokens / packing, figures.tokens_per_second, input.gpus);
    // A forward against all that a training token takes; a third where the model is not known.
    const double share = figures.flops.executed > 0 ? figures.flops.forward / figures.flops.executed : 1.0 / 3;
    figures.evaluation =
        seconds(input.evaluations * input.evaluation_tokens / packing * share, figures.tokens_per_second, input.gpus);
    figures.loading = input.load_seconds;
    figures.checkpoints = saving(input, figures.training.mid);
    if (input.seconds_between_interruptions > 0) {
        const Range whole = figures.uninterrupted();
        figures.interruptions = {lost(input, figures.training.low, whole.low),
                                 lost(input, figures.training.mid, whole.mid),
                                 lost(input, figures.training.high, whole.high)};
    }
    if (!std::isfinite(figures.total().high) || !std::isfinite(figures.flops.executed))
        throw Error(ErrorKind::input, "the numbers are too large: the time is no number");
    return figures;
}

}  // namespace ktrain
