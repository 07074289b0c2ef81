// Permutations by counted random numbers.
#include "trainer/data/order.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace ktrain::trainer {
namespace {

// So many that all orders of five samples are as likely; Luby and Rackoff need four where halves are long.
constexpr std::uint64_t rounds = 32;

std::uint64_t mask(unsigned bits) {
    return (std::uint64_t{1} << bits) - 1;
}

}  // namespace

Permutation::Permutation(std::uint64_t count, std::uint64_t seed, Purpose purpose, std::uint64_t epoch)
    : count_(count), key_(random_bits(seed, purpose, epoch, 0)) {
    const auto bits = static_cast<unsigned>(std::bit_width(std::max<std::uint64_t>(count, 3) - 1));
    low_bits_ = bits / 2;
    low_mask_ = mask(low_bits_);
    high_mask_ = mask(bits - low_bits_);
}

std::uint32_t Permutation::operator[](std::uint64_t place) const {
    do place = once(place);
    while (place >= count_);  // on the average less than twice: the range is more than half of what the bits hold
    return static_cast<std::uint32_t>(place);
}

// A permutation of all numbers of so many bits: each half in turn is changed by what the other one says.
std::uint64_t Permutation::once(std::uint64_t number) const {
    std::uint64_t low = number & low_mask_, high = number >> low_bits_;
    for (std::uint64_t round = 0; round < rounds; round += 2) {
        low ^= scramble(key_ + (round << 32 | high)) & low_mask_;
        high ^= scramble(key_ + ((round + 1) << 32 | low)) & high_mask_;
    }
    return high << low_bits_ | low;
}

Split split_samples(std::size_t count, double share, std::uint64_t seed) {
    Order all(count);
    std::iota(all.begin(), all.end(), 0U);
    Split split;
    if (share <= 0) {
        split.train = std::move(all);
        return split;
    }
    const Permutation random(count, seed, Purpose::split, 0);
    for (std::size_t i = 0; i < count; ++i) all[i] = random[i];
    const auto train = static_cast<std::ptrdiff_t>((1.0 - share) * static_cast<double>(count));
    split.train.assign(all.begin(), all.begin() + train);
    split.validation.assign(all.begin() + train, all.end());
    std::ranges::sort(split.train);
    std::ranges::sort(split.validation);
    return split;
}

Order shuffled(const Order& samples, std::uint64_t seed, std::uint64_t epoch) {
    const Permutation random(samples.size(), seed, Purpose::order, epoch);
    Order order(samples.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = samples[random[i]];
    return order;
}

}  // namespace ktrain::trainer
