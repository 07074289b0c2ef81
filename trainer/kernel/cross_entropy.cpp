// Softmax cross-entropy of rows of logits, with their gradient in place, on plain memory.
#include "trainer/kernel/cross_entropy.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

KTRAIN_CLONES void squash(float* x, std::int64_t n, float cap) {
    const float inverse = 2.0f / cap;
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) x[i] = cap - 2.0f * cap / (fast_exp(x[i] * inverse) + 1.0f);
}

KTRAIN_CLONES float largest(const float* x, std::int64_t n) {
    float most = x[0];
#pragma omp simd reduction(max : most)
    for (std::int64_t i = 0; i < n; ++i) most = x[i] > most ? x[i] : most;
    return most;
}

// The sum is taken in blocks: one long float sum over a vocabulary would lose digits.
KTRAIN_CLONES double exponentials(float* x, std::int64_t n, float most, bool keep) {
    double total = 0;
    for (std::int64_t begin = 0; begin < n; begin += 1024) {
        const std::int64_t end = begin + 1024 < n ? begin + 1024 : n;
        float sum = 0;
        if (keep) {
#pragma omp simd reduction(+ : sum)
            for (std::int64_t i = begin; i < end; ++i) {
                x[i] = fast_exp(x[i] - most);
                sum += x[i];
            }
        } else {
#pragma omp simd reduction(+ : sum)
            for (std::int64_t i = begin; i < end; ++i) sum += fast_exp(x[i] - most);
        }
        total += static_cast<double>(sum);
    }
    return total;
}

KTRAIN_CLONES void multiply(float* x, std::int64_t n, float factor) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) x[i] *= factor;
}

// The derivative of cap * tanh(x / cap) by its value.
KTRAIN_CLONES void multiply_by_slope(float* gradient, const float* squashed, std::int64_t n, float cap) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) gradient[i] *= 1.0f - (squashed[i] / cap) * (squashed[i] / cap);
}

}  // namespace

void cross_entropy_in_place(float* logits, const std::int64_t* labels, std::int64_t rows, std::int64_t classes,
                            float soft_cap, float scale, float* losses) {
    at::parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> squashed(soft_cap > 0 ? static_cast<std::size_t>(classes) : 0);
        for (std::int64_t row = begin; row < end; ++row) {
            float* x = logits + row * classes;
            if (soft_cap > 0) {
                squash(x, classes, soft_cap);
                std::copy(x, x + classes, squashed.begin());
            }
            const float most = largest(x, classes);
            const float target = x[labels[row]];
            const double sum = exponentials(x, classes, most, true);
            losses[row] = static_cast<float>(std::log(sum) + static_cast<double>(most) - static_cast<double>(target));
            multiply(x, classes, static_cast<float>(static_cast<double>(scale) / sum));
            x[labels[row]] -= scale;
            if (soft_cap > 0) multiply_by_slope(x, squashed.data(), classes, soft_cap);
        }
    });
}

void cross_entropy(float* logits, const std::int64_t* labels, std::int64_t rows, std::int64_t classes, float soft_cap,
                   float* losses) {
    at::parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            float* x = logits + row * classes;
            if (soft_cap > 0) squash(x, classes, soft_cap);
            const float most = largest(x, classes);
            const float target = x[labels[row]];
            const double sum = exponentials(x, classes, most, false);
            losses[row] = static_cast<float>(std::log(sum) + static_cast<double>(most) - static_cast<double>(target));
        }
    });
}

}  // namespace ktrain::trainer
