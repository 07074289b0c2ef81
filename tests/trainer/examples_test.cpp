// The examples as they are, but for where the data is and how long they train.
#include <doctest/doctest.h>

#include <filesystem>

#include "core/spec/load.h"
#include "tests/support/paths.h"
#include "tests/trainer/support.h"
#include "trainer/recipe/recipe.h"

using namespace ktrain;
using namespace ktrain::test;

TEST_CASE("examples/cnn.yaml trains on real images") {
    const TempFolder folder;
    const auto loaded = spec::load(read_file(source_path("/examples/cnn.yaml")), "cnn.yaml",
                                   {{"data.dataset_path", "/usr/share/datasets/fashion-mnist", ""},
                                    {"model.input_channels", "1", ""},
                                    {"training.max_steps", "2", ""},
                                    {"monitoring.metrics_port", "0", ""},  // another test may have it
                                    {"output_dir", folder / "output", ""}});
    REQUIRE_FALSE(has_errors(loaded.problems));
    RecordingHost host;
    CHECK(trainer::train(loaded.spec, trainer::Host(host.host())) == 0);
    CHECK(std::filesystem::exists(folder / "output/model.safetensors"));
    CHECK(std::filesystem::exists(folder / "output/checkpoint-2"));
}
