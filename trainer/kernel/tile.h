// Products of small matrices that lie in the cache: the inner loops of attention.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

// C [m, n] += or = A [m, k] B [k, n]. B and C are row-major with rows of ldb and ldc floats, n a multiple of 16. A's
// element (i, l) is a[i * row + l * column], so that a transposed matrix needs no copy.
struct Tile {
    std::int64_t m = 0, n = 0, k = 0;
    const float* a = nullptr;
    std::int64_t row = 0, column = 1;
    const float* b = nullptr;
    std::int64_t ldb = 0;
    float* c = nullptr;
    std::int64_t ldc = 0;
    bool add = false;
};
void multiply(const Tile& tile);

}  // namespace ktrain::trainer
