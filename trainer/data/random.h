// Random numbers by counting: a pure function of what they are for, so that no thread or restart changes them.
#pragma once

#include <cstdint>

namespace ktrain::trainer {

// The output function of splitmix64.
constexpr std::uint64_t scramble(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

enum class Purpose : std::uint64_t { split = 1, order = 2, augment = 3, dropout = 4 };

// 64 random bits for one item of one epoch.
constexpr std::uint64_t random_bits(std::uint64_t seed, Purpose purpose, std::uint64_t epoch, std::uint64_t item) {
    const std::uint64_t stream = scramble(scramble(seed) ^ static_cast<std::uint64_t>(purpose));
    return scramble(scramble(stream ^ epoch) ^ item);
}

// A number below `limit` from 64 random bits, by multiplication (Lemire); the bias is below 2^-32 for limits below
// 2^32.
constexpr std::uint64_t below(std::uint64_t bits, std::uint64_t limit) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(bits) * limit) >> 64);
}

}  // namespace ktrain::trainer
