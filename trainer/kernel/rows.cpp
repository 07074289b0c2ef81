// Loops over one row of floats that several kernels need, compiled for each instruction set.
#include "trainer/kernel/rows.h"

#include "trainer/kernel/simd.h"

namespace ktrain::trainer {

KTRAIN_CLONES float row_largest(const float* x, std::int64_t n) {
    float most = x[0];
#pragma omp simd reduction(max : most)
    for (std::int64_t i = 0; i < n; ++i) most = x[i] > most ? x[i] : most;
    return most;
}

KTRAIN_CLONES void row_scale(float* x, std::int64_t n, float factor) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) x[i] *= factor;
}

// tanh(z) = 1 - 2 / (e^2z + 1)
KTRAIN_CLONES void row_squash(float* x, std::int64_t n, float cap) {
    const float inverse = 2.0f / cap;
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) x[i] = cap - 2.0f * cap / (fast_exp(x[i] * inverse) + 1.0f);
}

KTRAIN_CLONES void row_squash_backward(float* gradient, const float* squashed, std::int64_t n, float cap) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) gradient[i] *= 1.0f - (squashed[i] / cap) * (squashed[i] / cap);
}

}  // namespace ktrain::trainer
