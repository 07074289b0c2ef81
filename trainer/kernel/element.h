// Rows of bfloat16 on their way into and out of kernels, which compute in float.
#pragma once

#include <c10/util/BFloat16.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace ktrain::trainer {

using c10::BFloat16;

void widen(const BFloat16* x, std::int64_t n, float* y);
void narrow(const float* x, std::int64_t n, BFloat16* y);  // to the nearest, ties to even

// A thread's place for one row as floats; floats need none.
template <class T>
std::vector<float> room_for_row(std::int64_t n) {
    return std::vector<float>(std::is_same_v<T, float> ? 0 : static_cast<std::size_t>(n));
}

// A row to be read: itself, or as floats in `room`.
inline const float* floats_of(const float* x, std::int64_t, float*) {
    return x;
}
inline const float* floats_of(const BFloat16* x, std::int64_t n, float* room) {
    widen(x, n, room);
    return room;
}

// Where a row is computed that finish() puts in its place.
inline float* begin_row(float* y, float*) {
    return y;
}
inline float* begin_row(BFloat16*, float* room) {
    return room;
}
inline void finish_row(const float*, std::int64_t, float*) {}
inline void finish_row(const float* room, std::int64_t n, BFloat16* y) {
    narrow(room, n, y);
}

// Writes floats as a row.
inline void put_floats(const float* x, std::int64_t n, float* y) {
    std::copy_n(x, n, y);
}
inline void put_floats(const float* x, std::int64_t n, BFloat16* y) {
    narrow(x, n, y);
}

}  // namespace ktrain::trainer
