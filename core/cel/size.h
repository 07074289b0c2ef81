// Sizes of values and costs of expressions, which end at 2^64 - 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace ktrain::cel {

inline constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();

inline std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
    return a > endless - b ? endless : a + b;
}

inline std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    return b != 0 && a > endless / b ? endless : a * b;
}

inline std::uint64_t scaled(std::uint64_t count, double factor) {
    const double result = std::ceil(static_cast<double>(count) * factor);
    return result >= 0x1p64 ? endless : static_cast<std::uint64_t>(result);
}

// Items of a list or a map, bytes of a text; 1 for numbers and the like.
struct Size {
    std::uint64_t least = 0, most = 0;

    Size operator+(const Size& other) const { return {sum(least, other.least), sum(most, other.most)}; }
    Size operator*(const Size& other) const { return {product(least, other.least), product(most, other.most)}; }
    Size united(const Size& other) const { return {std::min(least, other.least), std::max(most, other.most)}; }
};

using MaybeSize = std::optional<Size>;  // none: it has no bound

}  // namespace ktrain::cel
