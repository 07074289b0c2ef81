// Conversion of rows between bfloat16 and float.
#include "trainer/kernel/element.h"

#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

// On plain integers, so that the loops vectorise.
KTRAIN_CLONES void widen_bits(const std::uint16_t* x, std::int64_t n, float* y) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] = __builtin_bit_cast(float, static_cast<std::uint32_t>(x[i]) << 16);
}

KTRAIN_CLONES void narrow_bits(const float* x, std::int64_t n, std::uint16_t* y) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const auto bits = __builtin_bit_cast(std::uint32_t, x[i]);
        const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
        // Rounding would carry the largest NaNs into infinity or zero.
        y[i] = static_cast<std::uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded);
    }
}

}  // namespace

void widen(const BFloat16* x, std::int64_t n, float* y) {
    widen_bits(reinterpret_cast<const std::uint16_t*>(x), n, y);
}

void narrow(const float* x, std::int64_t n, BFloat16* y) {
    narrow_bits(x, n, reinterpret_cast<std::uint16_t*>(y));
}

}  // namespace ktrain::trainer
