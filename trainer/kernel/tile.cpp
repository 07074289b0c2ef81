// Products of small matrices that lie in the cache: the inner loops of attention.
#include "trainer/kernel/tile.h"

#include "trainer/kernel/simd.h"

namespace ktrain::trainer {
namespace {

// `Rows` rows by `Vectors` times 16 columns, held in registers over the whole of k.
template <int Rows, int Vectors>
KTRAIN_INLINE void block(const Tile& t, std::int64_t i, std::int64_t j) {
    Lanes sum[Rows][Vectors];
    for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < Vectors; ++v) {
            const auto* c = reinterpret_cast<const Lanes*>(t.c + (i + r) * t.ldc + j + v * lanes);
            sum[r][v] = t.add ? *c : Lanes{};
        }
    const float* a = t.a + i * t.row;
    const float* b = t.b + j;
    for (std::int64_t l = 0; l < t.k; ++l, a += t.column, b += t.ldb) {
        Lanes right[Vectors];
        for (int v = 0; v < Vectors; ++v) right[v] = *reinterpret_cast<const Lanes*>(b + v * lanes);
        for (int r = 0; r < Rows; ++r) {
            const float left = a[r * t.row];
            for (int v = 0; v < Vectors; ++v) sum[r][v] += left * right[v];
        }
    }
    for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < Vectors; ++v) *reinterpret_cast<Lanes*>(t.c + (i + r) * t.ldc + j + v * lanes) = sum[r][v];
}

template <int Vectors>
KTRAIN_INLINE void column_of_blocks(const Tile& t, std::int64_t j) {
    std::int64_t i = 0;
    for (; i + 6 <= t.m; i += 6) block<6, Vectors>(t, i, j);
    for (; i + 2 <= t.m; i += 2) block<2, Vectors>(t, i, j);
    for (; i < t.m; ++i) block<1, Vectors>(t, i, j);
}

}  // namespace

KTRAIN_CLONES void multiply(const Tile& t) {
    std::int64_t j = 0;
    for (; j + 3 * lanes <= t.n; j += 3 * lanes) column_of_blocks<3>(t, j);
    for (; j + 2 * lanes <= t.n; j += 2 * lanes) column_of_blocks<2>(t, j);
    for (; j + lanes <= t.n; j += lanes) column_of_blocks<1>(t, j);
}

}  // namespace ktrain::trainer
