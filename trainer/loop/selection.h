// When a run evaluates, which of its evaluations is the best, and when enough of them were worse: as transformers'
// Trainer and its EarlyStoppingCallback decide.
#pragma once

#include <string>
#include <vector>

#include "core/spec/spec.h"
#include "trainer/state/train_state.h"

namespace ktrain::trainer {

// Whether eval_strategy: steps evaluates here; the last step always is.
bool evaluates_at(const TrainingArgs& args, std::int64_t step, std::int64_t total_steps);

// Whether the best evaluation matters to this run.
bool looks_for_best(const TrainingArgs& args);

// The metric of metric_for_best_model, and its name in log_history.
double best_metric(const TrainingArgs& args, const Tally& tally);
// Whether a number is one of those that metric_for_best_model can choose by.
bool is_metric_of(const Tally& tally, double number);
std::string best_metric_name(const TrainingArgs& args);

// Records an evaluation after state.step: the last one, the best one, and how many in a row were worse.
void note_evaluation(const TrainingSpec& spec, const Tally& tally, TrainState& state);

// Whether early stopping ends the run here.
bool out_of_patience(const TrainingArgs& args, const TrainState& state);

// Errors: Error{input} when the run cannot evaluate (`evaluates` is false) what these fields need evaluated.
void require_evaluation(const TrainingSpec& spec, bool evaluates, bool graded);

}  // namespace ktrain::trainer
