// What a run would do, without doing it: topology, model, memory and the first batch.
#pragma once

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

// The members of the "dry_run" event. Nothing is trained, and nothing written that stays. An empty object when the host
// asked to stop. Errors: those that a run has before its first step, but those of reading the weights.
Json dry_run_causal_lm(const TrainingSpec& spec, const Host& host);
Json dry_run_image_classifier(const TrainingSpec& spec, const Host& host);

}  // namespace ktrain::trainer
