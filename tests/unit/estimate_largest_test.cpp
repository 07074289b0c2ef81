// The largest batch and length fit, and one more does not.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/estimate/estimate.h"
#include "core/estimate/largest.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

TrainingSpec spec_for(const std::string& gpu, const std::string& method = "lora") {
    TrainingSpec spec;
    spec.model.model_name_or_path = "llama-2-7b";
    spec.model.dtype = "bfloat16";
    spec.method.type = method;
    spec.resources.gpu = gpu;
    return spec;
}

bool fits(TrainingSpec spec, std::int64_t batch, std::int64_t length) {
    spec.training.per_device_train_batch_size = batch;
    spec.objective.max_length = length;
    return estimate(spec, *find_in_catalog("llama-2-7b")).wanted->fits;
}

}  // namespace

TEST_CASE("the largest batch and length fit, and one more does not") {
    const ModelShape shape = *find_in_catalog("llama-2-7b");
    for (const char* gpu : {"a100-40gb", "a100-80gb", "h200"}) {
        const TrainingSpec spec = spec_for(gpu);
        const auto batch = largest_that_fits(spec, shape, Extent::batch);
        const auto length = largest_that_fits(spec, shape, Extent::length);
        REQUIRE(batch);
        REQUIRE(length);
        CHECK(fits(spec, batch->value, 1024));
        CHECK_FALSE(fits(spec, batch->value + 1, 1024));
        CHECK(fits(spec, 8, length->value));
        CHECK_FALSE(fits(spec, 8, length->value + 1));
    }
    CHECK_FALSE(largest_that_fits(spec_for("t4", "full"), shape, Extent::batch));
    CHECK_THROWS_AS(largest_that_fits(spec_for(""), shape, Extent::batch), Error);
    ModelShape short_one = shape;
    short_one.max_positions = 2048;
    TrainingSpec small = spec_for("h200");
    small.training.per_device_train_batch_size = 1;
    CHECK(largest_that_fits(small, short_one, Extent::length)->value == 2048);
}

TEST_CASE("a calibration moves the largest batch") {
    const ModelShape shape = *find_in_catalog("llama-2-7b");
    const TrainingSpec spec = spec_for("a100-80gb");
    const Calibration learned{{{"", 3, 1.5, 1.3}}};
    const auto plain = largest_that_fits(spec, shape, Extent::batch);
    const auto moved = largest_that_fits(spec, shape, Extent::batch, "ktrain", nullptr, learned);
    REQUIRE(plain);
    REQUIRE(moved);
    CHECK(moved->value < plain->value);
    TrainingSpec there = spec;
    there.training.per_device_train_batch_size = moved->value;
    Estimate alone = estimate(there, shape);
    apply(learned, "learned.json", alone);
    CHECK(alone.needed == moved->needed);
    CHECK(alone.wanted->fits);
}
