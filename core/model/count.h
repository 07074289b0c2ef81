// Sums and products of sizes that refuse to overflow: shapes come from files that nobody has checked.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "core/base/error.h"

namespace ktrain {

// Errors: Error{input} when the result does not fit 63 bits.
inline std::int64_t product(std::initializer_list<std::int64_t> factors) {
    std::int64_t result = 1;
    for (const std::int64_t factor : factors)
        if (__builtin_mul_overflow(result, factor, &result))
            throw Error(ErrorKind::input, "the sizes are too large: their product does not fit 63 bits");
    return result;
}

inline std::int64_t sum(std::initializer_list<std::int64_t> terms) {
    std::int64_t result = 0;
    for (const std::int64_t term : terms)
        if (__builtin_add_overflow(result, term, &result))
            throw Error(ErrorKind::input, "the sizes are too large: their sum does not fit 63 bits");
    return result;
}

}  // namespace ktrain
