// Sizes that no published model comes near, low enough for exact arithmetic.
#pragma once

#include <cstdint>

namespace ktrain::config_limits {

inline constexpr std::int64_t layers = 4096;
inline constexpr std::int64_t heads = 1 << 16;
inline constexpr std::int64_t width = 1 << 24;
inline constexpr std::int64_t vocab = 1 << 28;

}  // namespace ktrain::config_limits
