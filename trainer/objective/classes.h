// Losses of answers as a whole: cross-entropy over classes with the count of right answers, and the squared error of a
// value. Source: ForSequenceClassificationLoss of transformers.
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

// `values` and `targets` [n]. No value is right or wrong: correct is 0.
Score regress(const at::Tensor& values, const at::Tensor& targets);

}  // namespace ktrain::trainer
