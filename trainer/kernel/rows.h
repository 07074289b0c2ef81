// Loops over one row of floats that several kernels need, compiled for each instruction set.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

float row_largest(const float* x, std::int64_t n);  // n > 0
void row_scale(float* x, std::int64_t n, float factor);

// x becomes cap * tanh(x / cap), as Gemma 2 caps scores and logits.
void row_squash(float* x, std::int64_t n, float cap);
// Multiplies the gradient of squashed values by the derivative of the cap there.
void row_squash_backward(float* gradient, const float* squashed, std::int64_t n, float cap);

}  // namespace ktrain::trainer
