// From a spec to a trained language model, whatever its objective (trainer/objective/text_objective.h).
#pragma once

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/loop/task.h"
#include "trainer/recipe/language_model.h"
#include "trainer/recipe/text_data.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// Reads model and data, trains, and leaves a model folder as transformers and PEFT read it. Returns the signal that
// stopped it, or 0. Errors: Error{input} for a model or data that cannot be used, and those of Loop.
int train_causal_lm(const TrainingSpec& spec, const Host& host);

// The members of the "dry_run" event: topology, model, memory and the first batch. Nothing is trained, and nothing
// written that stays. An empty object when the host asked to stop. Errors: those that a run has before its first step,
// but those of reading the weights.
Json dry_run_causal_lm(const TrainingSpec& spec, const Host& host);

// The batches of an epoch of `set`, from its sample `first` on. All must outlive the pass.
Pass pass_over(const LanguageModel& model, const TextSet& set, const TrainingSpec& spec, std::int64_t epoch,
               std::int64_t first, bool trains);

}  // namespace ktrain::trainer
