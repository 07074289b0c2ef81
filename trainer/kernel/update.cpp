// Steps of optimizers over flat memory, and the norm of the gradients.
#include "trainer/kernel/update.h"

#include <vector>

#include "trainer/kernel/blocks.h"
#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

KTRAIN_CLONES void adam_block(const AdamStep& step, std::int64_t n, float* __restrict weights,
                              float* __restrict gradients, float* __restrict first, float* __restrict second) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = gradients[i] * step.gradient_scale + step.pull * weights[i];
        const float m = first[i] + step.fresh1 * (g - first[i]);
        const float v = second[i] * step.beta2 + step.fresh2 * g * g;
        weights[i] = weights[i] * step.kept - step.size * m / (__builtin_sqrtf(v) / step.root + step.epsilon);
        first[i] = m;
        second[i] = v;
        gradients[i] = 0;
    }
}

KTRAIN_CLONES void sgd_block(const SgdStep& step, std::int64_t n, float* __restrict weights,
                             float* __restrict gradients) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        weights[i] -= step.rate * (gradients[i] * step.gradient_scale + step.pull * weights[i]);
        gradients[i] = 0;
    }
}

KTRAIN_CLONES void momentum_block(const SgdStep& step, std::int64_t n, float* __restrict weights,
                                  float* __restrict gradients, float* __restrict average) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        average[i] = average[i] * step.momentum + (gradients[i] * step.gradient_scale + step.pull * weights[i]);
        weights[i] -= step.rate * average[i];
        gradients[i] = 0;
    }
}

KTRAIN_CLONES void lion_block(const LionStep& step, std::int64_t n, float* __restrict weights,
                              float* __restrict gradients, float* __restrict average) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = gradients[i] * step.gradient_scale;
        const float towards = average[i] * step.beta1 + step.fresh1 * g;
        const float sign = static_cast<float>(towards > 0) - static_cast<float>(towards < 0);
        weights[i] = weights[i] * step.kept - step.rate * sign;
        average[i] = average[i] * step.beta2 + step.fresh2 * g;
        gradients[i] = 0;
    }
}

// In sixteen partial sums of double, however wide the processor's registers are.
KTRAIN_CLONES double squares_of_block(const float* x, std::int64_t n) {
    double sums[lanes] = {};
    for (std::int64_t i = 0; i + lanes <= n; i += lanes)
        for (std::int64_t l = 0; l < lanes; ++l) sums[l] += static_cast<double>(x[i + l]) * x[i + l];
    for (std::int64_t i = n / lanes * lanes; i < n; ++i) sums[0] += static_cast<double>(x[i]) * x[i];
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}

}  // namespace

void adam_step(const AdamStep& step, std::int64_t count, float* weights, float* gradients, float* first,
               float* second) {
    for_blocks(count, [&](std::int64_t at, std::int64_t n) {
        adam_block(step, n, weights + at, gradients + at, first + at, second + at);
    });
}

void sgd_step(const SgdStep& step, std::int64_t count, float* weights, float* gradients, float* average) {
    for_blocks(count, [&](std::int64_t at, std::int64_t n) {
        if (average)
            momentum_block(step, n, weights + at, gradients + at, average + at);
        else
            sgd_block(step, n, weights + at, gradients + at);
    });
}

void lion_step(const LionStep& step, std::int64_t count, float* weights, float* gradients, float* average) {
    for_blocks(count, [&](std::int64_t at, std::int64_t n) {
        lion_block(step, n, weights + at, gradients + at, average + at);
    });
}

double sum_of_squares(const float* values, std::int64_t count) {
    std::vector<double> sums(static_cast<std::size_t>(blocks_of(count)));
    for_blocks(count, [&](std::int64_t at, std::int64_t n) {
        sums[static_cast<std::size_t>(at / block)] = squares_of_block(values + at, n);
    });
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}

}  // namespace ktrain::trainer
