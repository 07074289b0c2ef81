// Where a run goes on: which checkpoints it takes, which it refuses, and what becomes of the others.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/trainer/support.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// Three epochs of 12 steps with a checkpoint after each.
TrainingSpec saving_spec(const TempFolder& folder) {
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.checkpoint.save_strategy = "epoch";
    return spec;
}

}  // namespace

TEST_CASE("old checkpoints are removed only beyond save_total_limit") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 10;
    spec.checkpoint.save_total_limit = 2;
    REQUIRE(run(spec) == 0);
    const auto names = names_in(folder / "out");
    CHECK(std::vector<std::string>(names.begin(), names.begin() + 2) ==
          std::vector<std::string>{"checkpoint-30", "checkpoint-36"});
    CHECK(names_in(folder / "out/checkpoint-36") == std::vector<std::string>{"manifest.json", "model.safetensors",
                                                                             "optimizer.safetensors",
                                                                             "trainer_state.json"});
}

TEST_CASE("resuming passes over damaged checkpoints and leftovers, with a warning") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 6;
    spec.training.num_train_epochs = 4;
    REQUIRE(run(spec) == 0);
    const std::string model = read_file(folder / "out/model.safetensors");
    std::string flipped = read_file(folder / "out/checkpoint-48/model.safetensors");
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
    write_file(folder / "out/checkpoint-48/model.safetensors", flipped);
    fs::remove(folder / "out/checkpoint-42/manifest.json");
    fs::remove(folder / "out/checkpoint-36/optimizer.safetensors");
    write_file(folder / "out/checkpoint-30/trainer_state.json", "{}");
    write_file(folder / "out/checkpoint-24/manifest.json", "{\"files\": {");
    fs::create_directories(folder / "out/checkpoint-50.partial");
    write_file(folder / "out/checkpoint-50.partial/model.safetensors", "half");
    fs::create_directories(folder / "out/checkpoint-x");
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(host.count("warning") == 5);
    CHECK((*host.last("resume"))["step"] == 18);
    CHECK(read_file(folder / "out/model.safetensors") == model);
    CHECK(!fs::exists(folder / "out/checkpoint-50.partial"));
    RecordingHost again;
    REQUIRE(run(spec, again) == 0);
    CHECK((*again.last("resume"))["step"] == 48);
    CHECK(again.count("step") == 0);
}

TEST_CASE("a checkpoint of another run is refused") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.checkpoint.save_strategy = "epoch";
    spec.training.num_train_epochs = 1;
    REQUIRE(run(spec) == 0);
    const auto refused = [&](const std::function<void(TrainingSpec&)>& change) {
        TrainingSpec other = spec;
        change(other);
        const Error error = error_of([&] { run(other); });
        CHECK(error.kind == ErrorKind::input);
        return error.message;
    };
    CHECK(refused([](auto& s) {
              s.training.seed = 1;
          }).ends_with("checkpoint-12 is of another run: its training.seed is 42, that of this run 1"));
    CHECK(refused([](auto& s) { s.training.per_device_train_batch_size = 4; }).find("per_device_train_batch_size") !=
          std::string::npos);
    CHECK(refused([](auto& s) { s.model.num_classes = 5; }).find("another model") != std::string::npos);
    CHECK(refused([](auto& s) { s.checkpoint.resume_from_checkpoint = "never"; }).find("holds checkpoints") !=
          std::string::npos);
    CHECK(refused([](auto& s) { s.checkpoint.resume_from_checkpoint = "/nowhere"; }).find("no manifest.json") !=
          std::string::npos);
    spec.training.num_train_epochs = 2;
    spec.checkpoint.resume_from_checkpoint = folder / "out/checkpoint-12";
    RecordingHost host;
    CHECK(run(spec, host) == 0);
    CHECK((*host.last("resume"))["step"] == 12);
}

TEST_CASE("a checkpoint is not continued with other data, nor with the same data seen otherwise") {
    const TempFolder folder;
    TrainingSpec spec = saving_spec(folder);
    spec.training.num_train_epochs = 1;
    REQUIRE(run(spec) == 0);
    fs::copy(folder / "data", folder / "moved");
    fs::copy(folder / "data", folder / "changed");
    std::string images = read_file(folder / "data/train-images-idx3-ubyte");
    images.back() = static_cast<char>(images.back() ^ 1);
    write_file(folder / "changed/train-images-idx3-ubyte", images);
    fs::copy(folder / "data", folder / "relabelled");
    std::string labels = read_file(folder / "data/train-labels-idx1-ubyte");
    labels.back() = static_cast<char>((labels.back() + 1) % 4);
    write_file(folder / "relabelled/train-labels-idx1-ubyte", labels);
    const std::string model = read_file(folder / "out/model.safetensors");
    struct Case {
        std::function<void(TrainingSpec&)> change;
        std::string field, says;
    };
    const std::vector<Case> cases{
        {[&](auto& s) { s.data.dataset_path = folder / "changed"; }, "data.dataset_path", "96 images of 1x8x8"},
        {[&](auto& s) { s.data.dataset_path = folder / "relabelled"; }, "data.dataset_path", "with SHA-256 "},
        {[](auto& s) { s.data.dataset = "mnist"; }, "data.dataset", " is idx, that of this run mnist"},
        {[](auto& s) { s.data.augment = {"random_crop"}; }, "data.augment",
         R"( is ["horizontal_flip","random_crop"], that of this run ["random_crop"])"},
        {[](auto& s) { s.data.normalize_mean = {0.25}; }, "data.normalize_mean", " is [0.5], that of this run [0.25]"},
        {[](auto& s) { s.data.normalize_std = {0.25}; }, "data.normalize_std", " is [0.5], that of this run [0.25]"},
        {[](auto& s) { s.data.validation_split = 0.25; }, "data.validation_split", " that of this run 0.25"},
        {[](auto& s) { s.data.shuffle = false; }, "data.shuffle", " is true, that of this run false"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.field);
        TrainingSpec other = spec;
        other.training.num_train_epochs = 2;
        one.change(other);
        const Error error = error_of([&] { run(other); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.path == one.field);
        CHECK(error.message.find(one.says) != std::string::npos);
        CHECK(error.hint.find("another output_dir") != std::string::npos);
    }
    CHECK(read_file(folder / "out/model.safetensors") == model);
    // The same in another place and in another order is the same; what is only evaluated may change.
    spec.training.num_train_epochs = 2;
    spec.data.dataset_path = folder / "moved";
    spec.data.augment = {"horizontal_flip", "random_crop"};
    fs::remove(folder / "moved/t10k-images-idx3-ubyte.gz");
    CHECK(run(spec) == 0);
}
