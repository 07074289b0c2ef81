// From a spec to a trained language model: pre-training and supervised fine-tuning.
#pragma once

#include "core/spec/spec.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// Reads model and data, trains, and leaves a model folder as transformers and PEFT read it. Returns the signal that
// stopped it, or 0. Errors: Error{input} for a model or data that cannot be used, and those of Loop.
int train_causal_lm(const TrainingSpec& spec, const Host& host);

}  // namespace ktrain::trainer
