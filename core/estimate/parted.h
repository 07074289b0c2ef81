// What a GPU would hold if the model were parted over several.
#pragma once

#include <optional>

#include "core/estimate/estimate.h"
#include "core/spec/sharing.h"

namespace ktrain {

// Full training whose GPUs each hold the whole model.
bool is_whole_on_each(const Estimate& estimate);

// A whole reference model beside adapters, whose frozen weights are a reference already.
bool has_reference_beside_adapters(const TrainingSpec& spec);

// The same step with weights, gradients and states parted over `gpus` by FSDP. Nothing where the model has no layers
// of known sizes. Errors: as step_memory.
std::optional<StepMemory> parted_over(const Estimate& estimate, std::int64_t gpus);

}  // namespace ktrain
