// Softmax cross-entropy of rows of logits, with their gradient in place, on plain memory.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

struct LogitRows {
    float* logits;  // [rows, classes]; used up
    const std::int64_t* labels;  // [rows], from 0 to classes - 1
    std::int64_t rows, classes;
    float soft_cap;  // > 0: the logits are first squashed to soft_cap * tanh(logit / soft_cap), as Gemma 2 has it
};

// Replaces the logits by `scale` times the gradient of their row's loss. Writes the losses [rows], and 1 to `right`
// [rows] where no logit is larger than the label's.
void cross_entropy_in_place(const LogitRows& rows, float scale, float* losses, std::uint8_t* right);

// Without gradients.
void cross_entropy(const LogitRows& rows, float* losses, std::uint8_t* right);

}  // namespace ktrain::trainer
