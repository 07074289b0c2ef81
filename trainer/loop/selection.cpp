// The choice of the best evaluation.
// Source: Trainer._determine_best_metric, DefaultFlowCallback and EarlyStoppingCallback of transformers 5.23.
#include "trainer/loop/selection.h"

#include <fmt/format.h>

#include <cmath>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

bool is_better(const TrainingArgs& args, double metric, double than) {
    return args.metric_for_best_model == "loss" ? metric < than : metric > than;
}

}  // namespace

bool evaluates_at(const TrainingArgs& args, std::int64_t step, std::int64_t total_steps) {
    return args.eval_strategy == "steps" && step > 0 && (step % args.eval_steps == 0 || step >= total_steps);
}

bool looks_for_best(const TrainingArgs& args) {
    return args.load_best_model_at_end || args.early_stopping_patience > 0;
}

double best_metric(const TrainingArgs& args, const Tally& tally) {
    return args.metric_for_best_model == "loss" ? tally.mean_loss() : tally.accuracy();
}

bool is_metric_of(const Tally& tally, double number) {
    return number == tally.mean_loss() || number == tally.accuracy();
}

std::string best_metric_name(const TrainingArgs& args) {
    return "eval_" + args.metric_for_best_model;
}

void note_evaluation(const TrainingSpec& spec, const Tally& tally, TrainState& state) {
    state.evaluation = {state.step, tally};
    if (!looks_for_best(spec.training)) return;
    const double metric = best_metric(spec.training, tally);
    const bool better = !state.best || is_better(spec.training, metric, state.best->metric);
    // Patience asks for more than the best: by the threshold, from the second evaluation on.
    const bool much_better =
        !state.best || (better && std::abs(metric - state.best->metric) > spec.training.early_stopping_threshold);
    state.worse_in_row = much_better ? 0 : state.worse_in_row + 1;
    if (!better) return;
    if (!state.best) state.best.emplace();
    state.best->metric = metric;
    if (spec.checkpoint.save_strategy != "no") state.best->step = state.step;
}

bool out_of_patience(const TrainingArgs& args, const TrainState& state) {
    return args.early_stopping_patience > 0 && state.worse_in_row >= args.early_stopping_patience;
}

void require_evaluation(const TrainingSpec& spec, bool evaluates, bool graded) {
    const TrainingArgs& args = spec.training;
    if (evaluates && looks_for_best(args) && !graded && args.metric_for_best_model != "loss")
        throw Error(ErrorKind::input, "values that are learned are not right or wrong: there is no accuracy",
                    {"", 0, 0, "training.metric_for_best_model"}, "--set training.metric_for_best_model=loss");
    if (evaluates) return;
    const std::string_view field = args.load_best_model_at_end        ? "training.load_best_model_at_end"
                                   : args.early_stopping_patience > 0 ? "training.early_stopping_patience"
                                   : args.eval_strategy == "steps"    ? "training.eval_strategy"
                                                                      : "";
    if (!field.empty())
        throw Error(ErrorKind::input, fmt::format("{} needs data to evaluate on, and there are none", field),
                    {"", 0, 0, std::string(field)}, "hold some out with data.validation_split, or leave the field out");
}

}  // namespace ktrain::trainer
