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

// Loss and rightness of a row; the logits become exponentials when `keep`. Returns the sum of the exponentials.
double grade(const LogitRows& rows, std::int64_t row, bool keep, float* losses, std::uint8_t* right) {
    float* x = rows.logits + row * rows.classes;
    const float most = row_largest(x, rows.classes), target = x[rows.labels[row]];
    const double sum = exponentials(x, rows.classes, most, keep);
    losses[row] = static_cast<float>(std::log(sum) + static_cast<double>(most) - static_cast<double>(target));
    right[row] = target >= most;
    return sum;
}

}  // namespace

void cross_entropy_in_place(const LogitRows& rows, float scale, float* losses, std::uint8_t* right) {
    at::parallel_for(0, rows.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> squashed(rows.soft_cap > 0 ? static_cast<std::size_t>(rows.classes) : 0);
        for (std::int64_t row = begin; row < end; ++row) {
            float* x = rows.logits + row * rows.classes;
            if (rows.soft_cap > 0) {
                row_squash(x, rows.classes, rows.soft_cap);
                std::copy(x, x + rows.classes, squashed.begin());
            }
            const double sum = grade(rows, row, true, losses, right);
            row_scale(x, rows.classes, static_cast<float>(static_cast<double>(scale) / sum));
            x[rows.labels[row]] -= scale;
            if (rows.soft_cap > 0) row_squash_backward(x, squashed.data(), rows.classes, rows.soft_cap);
        }
    });
}

void cross_entropy(const LogitRows& rows, float* losses, std::uint8_t* right) {
    at::parallel_for(0, rows.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            if (rows.soft_cap > 0) row_squash(rows.logits + row * rows.classes, rows.classes, rows.soft_cap);
            grade(rows, row, false, losses, right);
        }
    });
}

}  // namespace ktrain::trainer
