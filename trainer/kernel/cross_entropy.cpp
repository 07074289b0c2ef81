// Softmax cross-entropy of rows of logits, with their gradient in place, on plain memory.
#include "trainer/kernel/cross_entropy.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "trainer/kernel/element.h"
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

struct Grade {
    float loss;
    bool right;
    double sum;  // of the exponentials
};

// The logits become exponentials when `keep`.
Grade grade(float* x, std::int64_t classes, std::int64_t label, bool keep) {
    const float most = row_largest(x, classes), target = x[label];
    const double sum = exponentials(x, classes, most, keep);
    const double loss = std::log(sum) + static_cast<double>(most) - static_cast<double>(target);
    return {static_cast<float>(loss), target >= most, sum};
}

// The row as floats that may be written over.
float* work_on(float* x, std::int64_t, float*) {
    return x;
}
float* work_on(const BFloat16* x, std::int64_t n, float* room) {
    widen(x, n, room);
    return room;
}

}  // namespace

template <class T>
void cross_entropy_in_place(const LogitRows<T>& rows, float scale, float* losses, std::uint8_t* right) {
    const std::int64_t n = rows.classes;
    at::parallel_for(0, rows.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> squashed(rows.soft_cap > 0 ? static_cast<std::size_t>(n) : 0), room = room_for_row<T>(n);
        for (std::int64_t row = begin; row < end; ++row) {
            float* x = work_on(rows.logits + row * n, n, room.data());
            if (rows.soft_cap > 0) {
                row_squash(x, n, rows.soft_cap);
                std::copy(x, x + n, squashed.begin());
            }
            const Grade got = grade(x, n, rows.labels[row], true);
            losses[row] = got.loss;
            right[row] = got.right;
            row_scale(x, n, static_cast<float>(static_cast<double>(scale) / got.sum));
            x[rows.labels[row]] -= scale;
            if (rows.soft_cap > 0) row_squash_backward(x, squashed.data(), n, rows.soft_cap);
            finish_row(x, n, rows.logits + row * n);
        }
    });
}

template <class T>
void cross_entropy(const LogitRows<T>& rows, float* losses, std::uint8_t* right) {
    const std::int64_t n = rows.classes;
    at::parallel_for(0, rows.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> room = room_for_row<T>(n);
        for (std::int64_t row = begin; row < end; ++row) {
            float* x = work_on(rows.logits + row * n, n, room.data());
            if (rows.soft_cap > 0) row_squash(x, n, rows.soft_cap);
            const Grade got = grade(x, n, rows.labels[row], false);
            losses[row] = got.loss;
            right[row] = got.right;
        }
    });
}

template void cross_entropy_in_place(const LogitRows<float>&, float, float*, std::uint8_t*);
template void cross_entropy_in_place(const LogitRows<BFloat16>&, float, float*, std::uint8_t*);
template void cross_entropy(const LogitRows<float>&, float*, std::uint8_t*);
template void cross_entropy(const LogitRows<BFloat16>&, float*, std::uint8_t*);

}  // namespace ktrain::trainer
