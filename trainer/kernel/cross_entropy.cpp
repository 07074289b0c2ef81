// Softmax cross-entropy of rows of logits, with their gradient in place, on plain memory.
#include "trainer/kernel/cross_entropy.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "trainer/kernel/rows.h"
#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

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

}  // namespace

void cross_entropy_in_place(float* logits, const std::int64_t* labels, std::int64_t rows, std::int64_t classes,
                            float soft_cap, float scale, float* losses) {
    at::parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> squashed(soft_cap > 0 ? static_cast<std::size_t>(classes) : 0);
        for (std::int64_t row = begin; row < end; ++row) {
            float* x = logits + row * classes;
            if (soft_cap > 0) {
                row_squash(x, classes, soft_cap);
                std::copy(x, x + classes, squashed.begin());
            }
            const float most = row_largest(x, classes);
            const float target = x[labels[row]];
            const double sum = exponentials(x, classes, most, true);
            losses[row] = static_cast<float>(std::log(sum) + static_cast<double>(most) - static_cast<double>(target));
            row_scale(x, classes, static_cast<float>(static_cast<double>(scale) / sum));
            x[labels[row]] -= scale;
            if (soft_cap > 0) row_squash_backward(x, squashed.data(), classes, soft_cap);
        }
    });
}

void cross_entropy(float* logits, const std::int64_t* labels, std::int64_t rows, std::int64_t classes, float soft_cap,
                   float* losses) {
    at::parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            float* x = logits + row * classes;
            if (soft_cap > 0) row_squash(x, classes, soft_cap);
            const float most = row_largest(x, classes);
            const float target = x[labels[row]];
            const double sum = exponentials(x, classes, most, false);
            losses[row] = static_cast<float>(std::log(sum) + static_cast<double>(most) - static_cast<double>(target));
        }
    });
}

}  // namespace ktrain::trainer
