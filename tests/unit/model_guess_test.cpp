// Shapes guessed from bare counts.
#include <doctest/doctest.h>

#include <cmath>

#include "core/estimate/estimate.h"
#include "core/model/catalog.h"
#include "core/model/find.h"
#include "core/model/guess.h"
#include "core/model/parameters.h"
#include "tests/support/specs.h"
#include "tests/support/worlds.h"

using namespace ktrain;

namespace {

ModelShape bare(std::int64_t parameters) {
    ModelShape shape;
    shape.name = "7B";
    shape.source = "parameter count";
    shape.parameters = parameters;
    return shape;
}

double distance(const ModelShape& shape) {
    return std::abs(static_cast<double>(count_parameters(shape)) / static_cast<double>(shape.parameters) - 1);
}

}  // namespace

TEST_CASE("the count of a model that the guess goes by gives its shape") {
    for (const char* id : {"smollm2-135m", "smollm2-360m", "llama-3.2-1b", "llama-3.2-3b", "llama-3.1-8b",
                           "llama-3.1-70b", "llama-3.1-405b"}) {
        const ModelShape row = *find_in_catalog(id), shape = guessed_shape(bare(row.parameters));
        CAPTURE(id);
        CHECK(shape.hidden == row.hidden);
        CHECK(shape.layers == row.layers);
        CHECK(shape.heads == row.heads);
        CHECK(shape.kv_heads == row.kv_heads);
        CHECK(shape.head_dim == row.head_dim);
        CHECK(shape.ffn == row.ffn);
        CHECK(shape.vocab == row.vocab);
        CHECK(shape.tied == row.tied);
        CHECK(shape.parameters == row.parameters);
    }
}

TEST_CASE("between them a guess is near its count, grows with it, and keeps it") {
    double before = 0;
    for (double size = 1e6; size < 2e12; size *= 1.07) {
        const ModelShape shape = guessed_shape(bare(static_cast<std::int64_t>(size)));
        CAPTURE(shape.note);
        CHECK(shape.parameters == static_cast<std::int64_t>(size));
        CHECK(distance(shape) < (size < 1e9 ? 0.1 : 0.03));
        CHECK(shape.heads * shape.head_dim == shape.hidden);
        CHECK(shape.heads % shape.kv_heads == 0);
        CHECK(static_cast<double>(shape.hidden * shape.layers) > before * (size < 5e7 ? 0.7 : 0.75));
        before = std::max(before, static_cast<double>(shape.hidden * shape.layers));
    }
}

TEST_CASE("a guess of more parameters needs more memory") {
    TrainingSpec spec;
    std::int64_t before = 0;
    for (double size = 1e6; size < 1e12; size *= 1.5) {
        const Estimate result = estimate(spec, bare(static_cast<std::int64_t>(size)));
        CAPTURE(result.shape.note);
        CHECK(result.memory.total() > before);
        before = result.memory.total();
    }
}

TEST_CASE("a guess says what it is") {
    const ModelShape shape = guessed_shape(find_model(test::model("7B"), test::MemoryFiles{}));
    CHECK(shape.name == "7B");
    CHECK(shape.source == "guess");
    CHECK(shape.family == "llama");
    CHECK(shape.parameters == 7'000'000'000);
    CHECK(shape.hidden == 4096);
    CHECK(shape.layers == 28);
    CHECK(
        shape.note.starts_with("7B is only a count: its shape is guessed after models of that size (hidden size 4096, "
                               "28 layers, 32 heads, 8 key heads"));
}

TEST_CASE("any count gets a shape, a shape with sizes stays as it is") {
    for (const std::int64_t count : {1LL, 1000LL, 1'000'000'000'000'000LL}) {
        const ModelShape shape = guessed_shape(bare(count));
        CHECK(shape.hidden > 0);
        CHECK(shape.layers > 0);
        CHECK(shape.kv_heads > 0);
        CHECK(shape.parameters == count);
    }
    CHECK(guessed_shape(*find_in_catalog("qwen3-8b")).source == "catalog");
    CHECK(guessed_shape(ModelShape{}).hidden == 0);
}
