// Steps of optimizers over flat memory, and the norm of the gradients.
#include "trainer/kernel/update.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t block = 1 << 14;  // values that one thread takes at a time; sums of blocks are added in order

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
    at::parallel_for(0, (count + block - 1) / block, 4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b) {
            const std::int64_t at = b * block;
            adam_block(step, std::min(block, count - at), weights + at, gradients + at, first + at, second + at);
        }
    });
}

double sum_of_squares(const float* values, std::int64_t count) {
    const std::int64_t blocks = (count + block - 1) / block;
    std::vector<double> sums(static_cast<std::size_t>(blocks));
    at::parallel_for(0, blocks, 4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b)
            sums[static_cast<std::size_t>(b)] =
                squares_of_block(values + b * block, std::min(block, count - b * block));
    });
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}

}  // namespace ktrain::trainer
