// Softmax cross-entropy of rows of logits, with their gradient in place, on plain memory.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

// T: float or BFloat16; the sums are float.
template <class T>
struct LogitRows {
    T* logits;                   // [rows, classes]; used up
    const std::int64_t* labels;  // [rows], from 0 to classes - 1
    std::int64_t rows, classes;
    float soft_cap;  // > 0: the logits are first squashed to soft_cap * tanh(logit / soft_cap), as Gemma 2 has it
};

// Replaces the logits by `scale` times the gradient of their row's loss. Writes the losses [rows], and 1 to `right`
// [rows] where no logit is larger than the label's.
template <class T>
void cross_entropy_in_place(const LogitRows<T>& rows, float scale, float* losses, std::uint8_t* right);

// Without gradients.
template <class T>
void cross_entropy(const LogitRows<T>& rows, float* losses, std::uint8_t* right);

}  // namespace ktrain::trainer
