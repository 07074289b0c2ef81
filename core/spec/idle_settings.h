// Settings that nothing reads because of others: a spec that has them probably means something else.
#pragma once

#include "core/base/diagnostic.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

// Warnings about fields that differ from their defaults and have no effect. `plan` and the trainer say them.
Diagnostics idle_settings(const TrainingSpec& spec);

}  // namespace ktrain::spec
