// Steps of optimizers over flat memory: weights, state and gradients in one pass, the gradients cleared on the way.
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
    float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
    float fresh1 = 0.1f, fresh2 = 0.001f;  // 1 - beta, taken in double: in float 1 - 0.999 is off by 5e-5
};

// `first` and `second` are the moments; all arrays have `count` values.
void adam_step(const AdamStep& step, std::int64_t count, float* weights, float* gradients, float* first, float* second);

// torch.optim.SGD without dampening and without Nesterov's form.
struct SgdStep {
    float gradient_scale = 1;
    float pull = 0;  // weight decay
    float rate = 0;
    float momentum = 0;
};

// `average` is what momentum remembers, zeros at first; it may be null when momentum is 0.
void sgd_step(const SgdStep& step, std::int64_t count, float* weights, float* gradients, float* average);

// Source: Chen et al. 2023, as bitsandbytes computes it: the weight moves by the rate, up or down.
struct LionStep {
    float gradient_scale = 1;
    float kept = 1;  // weight decay: what the weight is multiplied by
    float rate = 0;
    float beta1 = 0.9f, beta2 = 0.999f;
    float fresh1 = 0.1f, fresh2 = 0.001f;  // 1 - beta
};

void lion_step(const LionStep& step, std::int64_t count, float* weights, float* gradients, float* average);

// The sum of the squares, the same for any number of threads.
double sum_of_squares(const float* values, std::int64_t count);

}  // namespace ktrain::trainer
