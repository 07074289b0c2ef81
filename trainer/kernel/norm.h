// RMSNorm over the rows of a matrix, forward and backward, on plain memory.
// Source: Zhang and Sennrich 2019; LlamaRMSNorm and Gemma2RMSNorm of transformers for the order of operations.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

struct RmsNorm {
    std::int64_t rows = 0, width = 0;
    float epsilon = 1e-6f;
    float offset = 0;  // added to the weight: 1 for Gemma
};

// T, here and below: float or BFloat16; the sums are float.

// y [rows, width] = x / rms(x) * (offset + weight); inverse_rms [rows] is kept for the backward pass.
// x and y may be the same memory.
template <class T>
void rms_norm(const RmsNorm& norm, const float* x, const float* weight, T* y, float* inverse_rms);

// y again from x and inverse_rms.
template <class T>
void rms_norm_again(const RmsNorm& norm, const float* x, const float* weight, const float* inverse_rms, T* y);

// dx [rows, width] from dy, which may be the same memory; dweight [width] is added to, nullptr when it is frozen.
template <class T>
void rms_norm_backward(const RmsNorm& norm, const float* x, const float* weight, const float* inverse_rms, const T* dy,
                       float* dx, float* dweight);

}  // namespace ktrain::trainer
