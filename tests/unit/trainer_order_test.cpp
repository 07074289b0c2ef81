// Split, order and augmentation: what they say they are.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trainer/data/augment.h"
#include "trainer/data/order.h"
#include "trainer/data/random.h"

using namespace ktrain::trainer;

namespace {

// One image of ascending bytes.
ImageSet ramp() {
    ImageSet set;
    set.channels = 1;
    set.height = set.width = 6;
    set.labels = {0};
    for (std::uint8_t i = 0; i < 36; ++i) set.pixels.push_back(static_cast<std::uint8_t>(i + 1));
    return set;
}

}  // namespace

TEST_CASE("the split is the handbook's in size, and a partition") {
    const Split split = split_samples(50, 0.2, 42);
    CHECK(split.train.size() == 40);
    CHECK(split.validation.size() == 10);
    Order both = split.train;
    both.insert(both.end(), split.validation.begin(), split.validation.end());
    std::ranges::sort(both);
    for (std::uint32_t i = 0; i < 50; ++i) CHECK(both[i] == i);
    CHECK(split_samples(50, 0.2, 42).validation == split.validation);
    CHECK(split_samples(50, 0.2, 43).validation != split.validation);
    CHECK(split_samples(7, 0, 42).validation.empty());
}

TEST_CASE("each epoch has another order of the same samples") {
    Order order(100);
    std::iota(order.begin(), order.end(), 0U);
    const Order first = shuffled(order, 1, 0), second = shuffled(order, 1, 1);
    CHECK(first != order);
    CHECK(first != second);
    CHECK(shuffled(order, 1, 0) == first);
    CHECK(std::ranges::is_permutation(first, order));
}

TEST_CASE("a permutation holds every number once, whatever their count") {
    for (const std::uint32_t count : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 63U, 64U, 65U, 1000U, 4097U}) {
        CAPTURE(count);
        const Permutation random(count, 5, Purpose::order, 2);
        std::vector<int> seen(count);
        for (std::uint32_t i = 0; i < count; ++i) ++seen.at(random[i]);
        CHECK(std::ranges::all_of(seen, [](int times) { return times == 1; }));
    }
    const Permutation huge(std::uint64_t{1} << 32, 5, Purpose::order, 2);
    CHECK(huge[4'000'000'000] != huge[4'000'000'001]);
}

// Pearson's chi-square over what stands where; its standard deviation is about sqrt(2 * degrees).
TEST_CASE("a permutation puts every number everywhere as often, alone and beside its neighbour") {
    constexpr std::uint32_t epochs = 20000;
    for (const std::uint32_t count : {3U, 5U, 6U, 11U}) {
        CAPTURE(count);
        std::vector<double> places(std::size_t{count} * count), pairs(places.size());
        for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
            const Permutation random(count, 1, Purpose::order, epoch);
            for (std::uint32_t i = 0; i < count; ++i) ++places[i * count + random[i]];
            ++pairs[random[0] * count + random[1]];
        }
        double chi = 0, pair_chi = 0;
        const double each = double{epochs} / count, each_pair = each / (count - 1);
        for (const double n : places) chi += (n - each) * (n - each) / each;
        for (std::uint32_t a = 0; a < count; ++a)
            for (std::uint32_t b = 0; b < count; ++b)
                if (a != b) pair_chi += std::pow(pairs[a * count + b] - each_pair, 2) / each_pair;
        const double degrees = (count - 1.0) * (count - 1.0), pair_degrees = count * (count - 1.0) - 1;
        CHECK(chi < degrees + 5 * std::sqrt(2 * degrees));
        CHECK(pair_chi < pair_degrees + 5 * std::sqrt(2 * pair_degrees));
    }
}

TEST_CASE("normalisation is ToTensor and Normalize") {
    const ImageSet set = ramp();
    const Transform transform({0.25}, {0.5});
    std::vector<float> out(36);
    transform.apply(set, 0, 0, out.data());
    for (std::size_t i = 0; i < 36; ++i) CHECK(out[i] == (static_cast<float>(i + 1) / 255.0F - 0.25F) / 0.5F);
}

TEST_CASE("a crop is a window of the image with a black border of 4, a flip its mirror image") {
    const ImageSet set = ramp();
    Transform transform({0.0}, {1.0 / 255});
    transform.random_crop = transform.horizontal_flip = true;
    std::vector<float> out(36);
    bool places[9][9][2] = {};
    for (std::uint64_t bits = 0; bits < 4000; ++bits) {
        transform.apply(set, 0, scramble(bits), out.data());
        int matches = 0;
        for (int down = -4; down <= 4; ++down)
            for (int right = -4; right <= 4; ++right)
                for (int mirrored = 0; mirrored < 2; ++mirrored) {
                    bool same = true;
                    for (int i = 0; i < 36 && same; ++i) {
                        const int y = i / 6 + down, x = (mirrored ? 5 - i % 6 : i % 6) + right;
                        const bool inside = y >= 0 && y < 6 && x >= 0 && x < 6;
                        same = std::lround(out[static_cast<std::size_t>(i)]) == (inside ? y * 6 + x + 1 : 0);
                    }
                    if (!same) continue;
                    ++matches;
                    places[down + 4][right + 4][mirrored] = true;
                }
        CHECK(matches == 1);
    }
    for (const auto& row : places)
        for (const auto& place : row) CHECK((place[0] && place[1]));
}
