// Dropout by counting: which values fall is a function of a number and their index, so that nothing is kept for the
// backward pass and a resumed run drops the same.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

struct Dropout {
    float rate = 0;            // share that falls, below 1
    std::uint64_t stream = 0;  // 0: nothing falls
    bool drops() const { return rate > 0 && stream != 0; }
};

// y = x / (1 - rate), or 0. x and y may be the same memory.
void drop(const Dropout& dropout, const float* x, std::int64_t count, float* y);

}  // namespace ktrain::trainer
