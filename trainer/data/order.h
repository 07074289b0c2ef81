// Which samples, in which order: the seeded split and the permutation of each epoch.
#pragma once

#include <cstdint>
#include <vector>

#include "trainer/data/random.h"

namespace ktrain::trainer {

using Order = std::vector<std::uint32_t>;

// Which samples and order a seed stands for: a checkpoint keeps it beside the seed, for it has not always been the same.
inline constexpr const char* order_member = "random order";
inline constexpr int order_version = 2;

// A random order of the numbers below a count, of which any place is computed by itself: in constant time and memory,
// so that to start in the middle costs nothing. Source: Black and Rogaway 2002, "Ciphers with Arbitrary Finite
// Domains", a Feistel network of as many bits as the count has, gone through again where it leaves the range.
class Permutation {
public:
    // At most 2^32 numbers.
    Permutation(std::uint64_t count, std::uint64_t seed, Purpose purpose, std::uint64_t epoch);

    std::uint64_t size() const { return count_; }
    std::uint32_t operator[](std::uint64_t place) const;

private:
    std::uint64_t once(std::uint64_t number) const;

    std::uint64_t count_, key_;
    unsigned low_bits_;
    std::uint64_t low_mask_, high_mask_;
};

struct Split {
    Order train, validation;  // ascending
};

// As the handbook: int((1 - share) * count) samples train, the rest validates; chosen at random by the seed.
Split split_samples(std::size_t count, double share, std::uint64_t seed);

// The samples in the random order of this epoch.
Order shuffled(const Order& samples, std::uint64_t seed, std::uint64_t epoch);

}  // namespace ktrain::trainer
