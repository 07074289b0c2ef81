// Softmax cross-entropy of rows of logits, with their gradient in place, on plain memory.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

// Replaces logits [rows, classes] by `scale` times the gradient of the row's loss, and writes the losses [rows].
// soft_cap > 0: the logits are first squashed to soft_cap * tanh(logit / soft_cap), as Gemma 2 has it.
// Every label is from 0 to classes - 1.
void cross_entropy_in_place(float* logits, const std::int64_t* labels, std::int64_t rows, std::int64_t classes,
                            float soft_cap, float scale, float* losses);

// The losses only; logits are used up.
void cross_entropy(float* logits, const std::int64_t* labels, std::int64_t rows, std::int64_t classes, float soft_cap,
                   float* losses);

}  // namespace ktrain::trainer
