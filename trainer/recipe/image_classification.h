// The recipe for image classifiers: data, model, loop, final files.
#pragma once

#include "core/spec/spec.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// Returns the signal that stopped it, or 0. Errors: Error{input} for data or settings that do not fit, and what
// reading and writing files throws.
int train_image_classifier(const TrainingSpec& spec, const Host& host);

// As dry_run_causal_lm().
Json dry_run_image_classifier(const TrainingSpec& spec, const Host& host);

}  // namespace ktrain::trainer
