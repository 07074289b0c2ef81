// The loss of a reward model: of two answers the preferred one is to be worth more.
// Source: Bradley and Terry 1952; reward_trainer.py of TRL 1.16, whose names the figures have.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ktrain::trainer {

// Sums over the pairs of one micro-batch.
struct RewardScore {
    at::Tensor loss;  // differentiable
    std::int64_t correct = 0;
    double margin = 0, mean_reward = 0;
};

// -log sigmoid(chosen - rejected - margin), plus `centering` times (chosen + rejected)^2 of Eisenstein et al. 2023.
// All [pairs].
RewardScore compare(const at::Tensor& chosen, const at::Tensor& rejected, const at::Tensor& margins, double centering);

}  // namespace ktrain::trainer
