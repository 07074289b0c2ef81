// What the GPUs of a job share.
#pragma once

#include "core/estimate/conditions.h"
#include "core/spec/spec.h"

namespace ktrain {

// Sets sharding, offload and degrees; several GPUs without a strategy are data parallel. Errors: Error{input} where the
// model cannot be divided so: heads, layers, experts, tokens of a sequence.
void set_parallel(const TrainingSpec& spec, Conditions& c);

}  // namespace ktrain
