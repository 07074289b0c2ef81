// Flat memory in blocks of one fixed size, so that no result depends on the number of threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

namespace ktrain::trainer {

inline constexpr std::int64_t block = 1 << 14;  // values that one thread takes at a time

constexpr std::int64_t blocks_of(std::int64_t count) {
    return (count + block - 1) / block;
}

// Calls `body(first, size)` for every block of `count` values, by all threads.
template <class Body>
void for_blocks(std::int64_t count, const Body& body) {
    at::parallel_for(0, blocks_of(count), 4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b) body(b * block, std::min(block, count - b * block));
    });
}

}  // namespace ktrain::trainer
