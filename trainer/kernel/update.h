// Steps of optimizers over flat memory: weights, moments and gradients in one pass, the gradients cleared on the way.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

// Source: Kingma and Ba 2015, Loshchilov and Hutter 2019, in the order of operations of torch.optim.
struct AdamStep {
    float gradient_scale = 1;  // clipping
    float pull = 0;            // weight decay of Adam: added to the gradient, times the weight
    float kept = 1;            // weight decay of AdamW: what the weight is multiplied by
    float size = 0;            // learning rate / (1 - beta1^step)
    float root = 1;            // sqrt(1 - beta2^step)
    float beta2 = 0.999f, epsilon = 1e-8f;
    float fresh1 = 0.1f, fresh2 = 0.001f;  // 1 - beta, taken in double: in float 1 - 0.999 is off by 5e-5
};

// `first` and `second` are the moments; all arrays have `count` values.
void adam_step(const AdamStep& step, std::int64_t count, float* weights, float* gradients, float* first, float* second);

// The sum of the squares, the same for any number of threads.
double sum_of_squares(const float* values, std::int64_t count);

}  // namespace ktrain::trainer
