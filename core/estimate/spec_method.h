// What trains, in which types, and what stays frozen.
#pragma once

#include "core/estimate/conditions.h"
#include "core/spec/spec.h"

namespace ktrain {

// Sets the types of weights, gradients and states, which depend on how GPUs share them, too.
void set_types(const TrainingSpec& spec, Conditions& c);

// Sets everything of `c` that follows from method, quantization, dtype and optimizer; `c` has its framework already.
// Errors: Error{input} for quantised weights with method.type full; as trained_parameters.
void set_method(const TrainingSpec& spec, const ModelShape& shape, Conditions& c);

}  // namespace ktrain
