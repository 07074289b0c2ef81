// Gradient clipping by the norm over all parameters.
#pragma once

#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// The 2-norm of all gradients together.
double gradient_norm(const Parameters& parameters);

// What the gradients are multiplied by so that their norm is at most `max_norm` (0: no limit), as
// torch.nn.utils.clip_grad_norm_ computes it.
double clip_factor(double norm, double max_norm);

}  // namespace ktrain::trainer
