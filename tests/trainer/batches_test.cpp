// Batches: the same for any number of threads.
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
    return read_idx(real_files(), folder / "i", folder / "l");
}

std::vector<Batch> all_batches(const ImageSet& set, const Transform& transform, BatchPlan plan) {
    Batches batches(set, transform, std::move(plan));
    std::vector<Batch> all;
    while (auto batch = batches.next()) all.push_back(*batch);
    return all;
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
