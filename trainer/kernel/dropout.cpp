// Dropout by counting.
#include "trainer/kernel/dropout.h"

#include <ATen/Parallel.h>

#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

// 24 random bits of an index. Source: the finaliser of MurmurHash3 (public domain), on 32 bits, which vectorises.
KTRAIN_INLINE std::uint32_t bits_of(std::uint32_t index, std::uint32_t low, std::uint32_t high) {
    std::uint32_t h = (index ^ low) * 0x9E3779B1U + high;
    h = (h ^ (h >> 16)) * 0x85EBCA6BU;
    h = (h ^ (h >> 13)) * 0xC2B2AE35U;
    return (h ^ (h >> 16)) >> 8;
}

KTRAIN_CLONES void drop_block(const Dropout& dropout, const float* x, std::int64_t begin, std::int64_t end, float* y) {
    const auto fall = static_cast<std::uint32_t>(dropout.rate * 16777216.0f);
    const float scale = 1.0f / (1.0f - dropout.rate);
    const auto low = static_cast<std::uint32_t>(dropout.stream);
    const auto high = static_cast<std::uint32_t>(dropout.stream >> 32) ^ static_cast<std::uint32_t>(begin >> 32);
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i)
        y[i] = bits_of(static_cast<std::uint32_t>(i), low, high) < fall ? 0.0f : x[i] * scale;
}

}  // namespace

void drop(const Dropout& dropout, const float* x, std::int64_t count, float* y) {
    constexpr std::int64_t block = 1 << 14;
    at::parallel_for(0, (count + block - 1) / block, 4, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t b = first; b < last; ++b)
            drop_block(dropout, x, b * block, std::min((b + 1) * block, count), y);
    });
}

}  // namespace ktrain::trainer
