// Gated activations of an MLP: act(gate) * up, forward and backward, on plain memory.
#include "trainer/kernel/gated.h"

#include <ATen/Parallel.h>

#include "trainer/kernel/element.h"
#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t grain = 16;  // rows that are worth a thread

KTRAIN_INLINE float sigmoid(float x) {
    return 1.0f / (1.0f + fast_exp(-x));
}

// tanh(0.79788456 (x + 0.044715 x^3)) by the exponential: tanh(z) = 1 - 2 / (e^2z + 1).
KTRAIN_INLINE float gelu_inner(float x) {
    const float z = 0.7978845608028654f * (x + 0.044715f * x * x * x);
    return 1.0f - 2.0f / (fast_exp(2.0f * z) + 1.0f);
}

KTRAIN_CLONES void silu_row(const float* gate, const float* up, std::int64_t n, float* y) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

KTRAIN_CLONES void silu_row_backward(const float* gate, const float* up, const float* dy, std::int64_t n, float* dgate,
                                     float* dup) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float s = sigmoid(gate[i]);
        dup[i] = dy[i] * gate[i] * s;
        dgate[i] = dy[i] * up[i] * s * (1.0f + gate[i] * (1.0f - s));
    }
}

KTRAIN_CLONES void gelu_row(const float* gate, const float* up, std::int64_t n, float* y) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] = 0.5f * gate[i] * (1.0f + gelu_inner(gate[i])) * up[i];
}

KTRAIN_CLONES void gelu_row_backward(const float* gate, const float* up, const float* dy, std::int64_t n, float* dgate,
                                     float* dup) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float x = gate[i];
        const float t = gelu_inner(x);
        const float slope = 0.7978845608028654f * (1.0f + 3.0f * 0.044715f * x * x);
        dup[i] = dy[i] * 0.5f * x * (1.0f + t);
        dgate[i] = dy[i] * up[i] * 0.5f * (1.0f + t + x * (1.0f - t * t) * slope);
    }
}

}  // namespace

template <class T>
void gated(Activation activation, const T* gate_up, std::int64_t rows, std::int64_t width, T* y) {
    const auto kernel = activation == Activation::silu ? silu_row : gelu_row;
    at::parallel_for(0, rows, grain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> room = room_for_row<T>(2 * width), out_room = room_for_row<T>(width);
        for (std::int64_t row = begin; row < end; ++row) {
            const float* gate = floats_of(gate_up + row * 2 * width, 2 * width, room.data());
            float* out = begin_row(y + row * width, out_room.data());
            kernel(gate, gate + width, width, out);
            finish_row(out, width, y + row * width);
        }
    });
}

template <class T>
void gated_backward(Activation activation, const T* gate_up, const T* dy, std::int64_t rows, std::int64_t width,
                    T* d_gate_up) {
    const auto kernel = activation == Activation::silu ? silu_row_backward : gelu_row_backward;
    at::parallel_for(0, rows, grain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> room = room_for_row<T>(2 * width), dy_room = room_for_row<T>(width),
                           out_room = room_for_row<T>(2 * width);
        for (std::int64_t row = begin; row < end; ++row) {
            const std::int64_t at = row * 2 * width;
            const float* gate = floats_of(gate_up + at, 2 * width, room.data());
            const float* gradient = floats_of(dy + row * width, width, dy_room.data());
            float* out = begin_row(d_gate_up + at, out_room.data());
            kernel(gate, gate + width, gradient, width, out, out + width);
            finish_row(out, 2 * width, d_gate_up + at);
        }
    });
}

template void gated(Activation, const float*, std::int64_t, std::int64_t, float*);
template void gated(Activation, const BFloat16*, std::int64_t, std::int64_t, BFloat16*);
template void gated_backward(Activation, const float*, const float*, std::int64_t, std::int64_t, float*);
template void gated_backward(Activation, const BFloat16*, const BFloat16*, std::int64_t, std::int64_t, BFloat16*);

}  // namespace ktrain::trainer
