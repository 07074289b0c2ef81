// Whole numbers in formulas whose results are fractions.
#pragma once

#include <cstdint>

namespace ktrain {

constexpr double real(std::int64_t number) {
    return static_cast<double>(number);
}

}  // namespace ktrain
