// What the kernels' loops are made of: run-time choice of the instruction set, vectors, a fast exponential.
#pragma once

#include <bit>
#include <cstdint>

// A function marked so is compiled for AVX-512, AVX2 and the oldest x86-64; the processor decides at load time which
// one runs. It must not be inlined into others, and calls only functions that are inlined into it.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KTRAIN_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KTRAIN_CLONES
#endif
#define KTRAIN_INLINE inline __attribute__((always_inline))

namespace ktrain::trainer {

// 16 floats: one register of AVX-512, two of AVX2, four of SSE.
inline constexpr std::int64_t lanes = 16;
using Lanes = float __attribute__((vector_size(64), aligned(4), may_alias));

// e^x with a relative error below 2e-7 for x in [-87, 88]; smaller x give 0 or the smallest normal numbers. Loops over
// it vectorise, unlike those over std::exp. Method: 2^n * p(r), |r| <= ln 2 / 2, p the minimax polynomial of Cephes'
// expf.
KTRAIN_INLINE float fast_exp(float x) {
    x = x < -87.3f ? -87.3f : x > 88.3f ? 88.3f : x;
    const float n = __builtin_floorf(x * 1.44269504088896341f + 0.5f);
    const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

}  // namespace ktrain::trainer
