// Steps of optimizers over flat memory: weights, moments and gradients in one pass, the gradients cleared on the way.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

// Source: Loshchilov and Hutter 2019, in the order of operations of torch.optim.AdamW.
struct AdamWStep {
    float rate = 0;  // learning rate
    float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
    float decay = 0;                         // weight decay
    float scale = 1;                         // of the gradients: clipping
    float correction1 = 1, correction2 = 1;  // 1 - beta^step
};

// `first` and `second` are the moments; all arrays have `count` values.
void adamw_step(const AdamWStep& step, std::int64_t count, float* weights, float* gradients, float* first,
                float* second);

// The sum of the squares, the same for any number of threads.
double sum_of_squares(const float* values, std::int64_t count);

}  // namespace ktrain::trainer
