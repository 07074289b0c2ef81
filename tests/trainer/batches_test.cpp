// Order, augmentation and batches: the same for any number of threads, and what they say they are.
#include <ATen/ops/equal.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "tests/trainer/support.h"
#include "trainer/data/batches.h"
#include "trainer/data/idx.h"
#include "trainer/data/random.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

ImageSet small_set(std::size_t count) {
    const TempFolder folder;
    write_file(folder / "i", idx_images(count));
    write_file(folder / "l", idx_labels(count));
    return read_idx(folder / "i", folder / "l");
}

std::vector<Batch> all_batches(const ImageSet& set, const Transform& transform, BatchPlan plan) {
    Batches batches(set, transform, std::move(plan));
    std::vector<Batch> all;
    while (auto batch = batches.next()) all.push_back(*batch);
    return all;
}

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

TEST_CASE("batches are the same for any number of workers, and from any place of the epoch") {
    const ImageSet set = small_set(50);
    Transform transform({0.5}, {0.5});
    transform.random_crop = transform.horizontal_flip = true;
    Order order(50);
    std::iota(order.begin(), order.end(), 0U);
    const BatchPlan plan{.order = shuffled(order, 7, 3), .size = 8, .seed = 7, .epoch = 3};
    const auto expected = all_batches(set, transform, plan);
    REQUIRE(expected.size() == 7);
    CHECK(expected.back().labels.size(0) == 2);
    for (const std::size_t workers : {1U, 2U, 5U, 40U}) {
        BatchPlan other = plan;
        other.workers = workers;
        const auto batches = all_batches(set, transform, other);
        REQUIRE(batches.size() == expected.size());
        for (std::size_t i = 0; i < batches.size(); ++i) {
            CHECK(at::equal(batches[i].images, expected[i].images));
            CHECK(at::equal(batches[i].labels, expected[i].labels));
        }
        other.first = 24;
        CHECK(at::equal(all_batches(set, transform, other).front().images, expected[3].images));
    }
}

TEST_CASE("workers that are not waited for are stopped") {
    const ImageSet set = small_set(50);
    const Transform transform({0.5}, {0.5});
    Order order(50);
    std::iota(order.begin(), order.end(), 0U);
    Batches batches(set, transform, {.order = order, .size = 1, .workers = 3});
    CHECK(batches.next().has_value());
}

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
