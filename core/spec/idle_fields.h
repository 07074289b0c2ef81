// Settings that another setting leaves without effect.
#pragma once

#include "core/base/diagnostic.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

// A warning for each field that is not at its default and has no effect; the trainer says the same when it starts.
Diagnostics idle_fields(const TrainingSpec& spec);

}  // namespace ktrain::spec
