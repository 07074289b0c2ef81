// RMSNorm over the rows of a matrix, forward and backward, on plain memory.
#include "trainer/kernel/norm.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "trainer/kernel/element.h"
#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t grain = 16;  // rows that are worth a thread

KTRAIN_CLONES float sum_of_squares(const float* x, std::int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
    return sum;
}

KTRAIN_CLONES void scale_row(const float* x, const float* weight, float factor, float offset, std::int64_t n,
                             float* y) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] = x[i] * factor * (offset + weight[i]);
}

// dx = r * (g - x * r^2 * mean(g * x)) with g = dy * (offset + weight); dweight += dy * x * r.
KTRAIN_CLONES void backward_row(const float* x, const float* weight, float r, float offset, const float* dy,
                                std::int64_t n, float* dx, float* dweight) {
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (std::int64_t i = 0; i < n; ++i) dot += dy[i] * (offset + weight[i]) * x[i];
    const float c = dot * r * r / static_cast<float>(n);
    if (dweight != nullptr) {
#pragma omp simd
        for (std::int64_t i = 0; i < n; ++i) dweight[i] += dy[i] * x[i] * r;
    }
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) dx[i] = r * (dy[i] * (offset + weight[i]) - x[i] * c);
}

// Rows of one thread.
template <class T>
void scale_rows(const RmsNorm& norm, const float* x, const float* weight, const float* inverse_rms, T* y) {
    std::vector<float> room = room_for_row<T>(norm.width);
    for (std::int64_t row = 0; row < norm.rows; ++row) {
        T* out = y + row * norm.width;
        float* work = begin_row(out, room.data());
        scale_row(x + row * norm.width, weight, inverse_rms[row], norm.offset, norm.width, work);
        finish_row(work, norm.width, out);
    }
}

}  // namespace

template <class T>
void rms_norm(const RmsNorm& norm, const float* x, const float* weight, T* y, float* inverse_rms) {
    at::parallel_for(0, norm.rows, grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float mean = sum_of_squares(x + row * norm.width, norm.width) / static_cast<float>(norm.width);
            inverse_rms[row] = 1.0f / std::sqrt(mean + norm.epsilon);
        }
        const RmsNorm part{end - begin, norm.width, norm.epsilon, norm.offset};
        scale_rows(part, x + begin * norm.width, weight, inverse_rms + begin, y + begin * norm.width);
    });
}

template <class T>
void rms_norm_again(const RmsNorm& norm, const float* x, const float* weight, const float* inverse_rms, T* y) {
    at::parallel_for(0, norm.rows, grain, [&](std::int64_t begin, std::int64_t end) {
        const RmsNorm part{end - begin, norm.width, norm.epsilon, norm.offset};
        scale_rows(part, x + begin * norm.width, weight, inverse_rms + begin, y + begin * norm.width);
    });
}

template <class T>
void rms_norm_backward(const RmsNorm& norm, const float* x, const float* weight, const float* inverse_rms, const T* dy,
                       float* dx, float* dweight) {
    // One partial sum for each fixed block of rows, added up in order: the same for any number of threads.
    constexpr std::int64_t block = 256;
    const std::int64_t blocks = (norm.rows + block - 1) / block;
    std::vector<float> partial(dweight == nullptr ? 0 : static_cast<std::size_t>(blocks * norm.width));
    at::parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> room = room_for_row<T>(norm.width);
        for (std::int64_t b = begin; b < end; ++b) {
            float* sums = dweight == nullptr ? nullptr : partial.data() + b * norm.width;
            for (std::int64_t row = b * block; row < std::min(norm.rows, (b + 1) * block); ++row) {
                const std::int64_t at = row * norm.width;
                const float* gradient = floats_of(dy + at, norm.width, room.data());
                backward_row(x + at, weight, inverse_rms[row], norm.offset, gradient, norm.width, dx + at, sums);
            }
        }
    });
    for (std::int64_t b = 0; dweight != nullptr && b < blocks; ++b)
        for (std::int64_t i = 0; i < norm.width; ++i)
            dweight[i] += partial[static_cast<std::size_t>(b * norm.width + i)];
}

template void rms_norm(const RmsNorm&, const float*, const float*, float*, float*);
template void rms_norm(const RmsNorm&, const float*, const float*, BFloat16*, float*);
template void rms_norm_again(const RmsNorm&, const float*, const float*, const float*, float*);
template void rms_norm_again(const RmsNorm&, const float*, const float*, const float*, BFloat16*);
template void rms_norm_backward(const RmsNorm&, const float*, const float*, const float*, const float*, float*, float*);
template void rms_norm_backward(const RmsNorm&, const float*, const float*, const float*, const BFloat16*, float*,
                                float*);

}  // namespace ktrain::trainer
