// What this version's trainer cannot do yet, for those who plan a job that it would refuse or run otherwise.
#pragma once

#include "core/base/diagnostic.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

// The trainer says the same when it starts.
Diagnostics trainer_warnings(const TrainingSpec& spec);

}  // namespace ktrain::spec
