// Which samples, in which order: the seeded split and the permutation of each epoch.
#pragma once

#include <cstdint>
#include <vector>

namespace ktrain::trainer {

using Order = std::vector<std::uint32_t>;

struct Split {
    Order train, validation;  // ascending
};

// As the handbook: int((1 - share) * count) samples train, the rest validates; chosen at random by the seed.
Split split_samples(std::size_t count, double share, std::uint64_t seed);

// The samples in the random order of this epoch.
Order shuffled(Order samples, std::uint64_t seed, std::uint64_t epoch);

}  // namespace ktrain::trainer
