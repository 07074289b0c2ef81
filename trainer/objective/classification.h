// Cross-entropy over classes, with the count of right answers.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ktrain::trainer {

// Sums over the samples of one micro-batch.
struct Score {
    at::Tensor loss;  // sum of the samples' losses; differentiable
    std::int64_t correct = 0;
    std::int64_t samples = 0;
};

// `logits` [n, classes], `labels` [n] of int64.
Score classify(const at::Tensor& logits, const at::Tensor& labels);

}  // namespace ktrain::trainer
