// From a spec to what decides its memory.
#pragma once

#include <string_view>

#include "core/estimate/conditions.h"
#include "core/spec/spec.h"

namespace ktrain {

// `framework`: "ktrain", which is what a spec runs, or another row of the table for the same training in Python.
// Errors: Error{input} for an unknown framework, for quantised weights with method.type full, and as lora_targets.
Conditions conditions_of(const TrainingSpec& spec, const ModelShape& shape, std::string_view framework = "ktrain");

}  // namespace ktrain
