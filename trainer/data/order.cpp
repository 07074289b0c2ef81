// Fisher-Yates shuffles by counted random numbers.
#include "trainer/data/order.h"

#include <algorithm>
#include <numeric>

#include "trainer/data/random.h"

namespace ktrain::trainer {
namespace {

void shuffle(Order& samples, std::uint64_t seed, Purpose purpose, std::uint64_t epoch) {
    for (std::size_t i = samples.size(); i > 1; --i)
        std::swap(samples[i - 1], samples[below(random_bits(seed, purpose, epoch, i), i)]);
}

}  // namespace

Split split_samples(std::size_t count, double share, std::uint64_t seed) {
    Order all(count);
    std::iota(all.begin(), all.end(), 0U);
    Split split;
    if (share <= 0) {
        split.train = std::move(all);
        return split;
    }
    shuffle(all, seed, Purpose::split, 0);
    const auto train = static_cast<std::ptrdiff_t>((1.0 - share) * static_cast<double>(count));
    split.train.assign(all.begin(), all.begin() + train);
    split.validation.assign(all.begin() + train, all.end());
    std::ranges::sort(split.train);
    std::ranges::sort(split.validation);
    return split;
}

Order shuffled(Order samples, std::uint64_t seed, std::uint64_t epoch) {
    shuffle(samples, seed, Purpose::order, epoch);
    return samples;
}

}  // namespace ktrain::trainer
