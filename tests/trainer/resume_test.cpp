// Where a run goes on: which checkpoints it takes, which it refuses, and what becomes of the others.
#include <doctest/doctest.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>

#include "tests/trainer/support.h"
#include "trainer/state/output_lock.h"

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

// The small run in `folder`, with a checkpoint every `steps` steps.
TrainingSpec saving_steps(const TempFolder& folder, std::int64_t steps) {
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = steps;
    return spec;
}

std::string last_warning(const RecordingHost& host) {
    const Json* event = host.last("warning");
    return event == nullptr ? "" : (*event)["message"].get<std::string>();
}

}  // namespace

TEST_CASE("old checkpoints are removed only beyond save_total_limit") {
    const TempFolder folder;
    TrainingSpec spec = saving_steps(folder, 10);
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
    TrainingSpec spec = saving_steps(folder, 6);
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
    CHECK(host.count("warning") == 6);
    CHECK((*host.last("resume"))["step"] == 18);
    CHECK(read_file(folder / "out/model.safetensors") == model);
    CHECK(!fs::exists(folder / "out/checkpoint-50.partial"));
    CHECK(names_in(folder / "out/superseded-1") == std::vector<std::string>{"checkpoint-24", "checkpoint-30",
                                                                            "checkpoint-36", "checkpoint-42",
                                                                            "checkpoint-48", "metrics.jsonl"});
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
    CHECK(refused([](auto& s) { s.training.optim = "sgd"; }).find("another optimizer") != std::string::npos);
    CHECK(refused([](auto& s) { s.checkpoint.resume_from_checkpoint = "never"; }).find("holds checkpoints") !=
          std::string::npos);
    CHECK(refused([](auto& s) {
              s.checkpoint.resume_from_checkpoint = "/nowhere";
          }).find("no checkpoint folder /nowhere") != std::string::npos);
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

TEST_CASE("going back to an older checkpoint keeps the newer ones, but never takes them for the run's own") {
    const TempFolder folder;
    TrainingSpec spec = saving_spec(folder);
    REQUIRE(run(spec) == 0);
    const std::string metrics = read_file(folder / "out/metrics.jsonl");
    const std::string newer = read_file(folder / "out/checkpoint-36/model.safetensors");
    spec.checkpoint.resume_from_checkpoint = folder / "out/checkpoint-12";
    spec.training.learning_rate = 0.001;
    RecordingHost first;
    first.stop_when = [](const Json& event) { return event["event"] == "step"; };
    REQUIRE(run(spec, first) == 15);  // at step 15, before any later checkpoint
    CHECK(last_warning(first) == "the run goes on from step 12; the checkpoints that do not lead there are now in " +
                                     (folder / "out/superseded-1"));
    CHECK(names_in(folder / "out/superseded-1") ==
          std::vector<std::string>{"checkpoint-24", "checkpoint-36", "metrics.jsonl"});
    CHECK(read_file(folder / "out/superseded-1/metrics.jsonl") == metrics);
    CHECK(read_file(folder / "out/superseded-1/checkpoint-36/model.safetensors") == newer);
    spec.checkpoint.resume_from_checkpoint = "auto";
    RecordingHost second;
    REQUIRE(run(spec, second) == 0);
    CHECK((*second.last("resume"))["step"] == 15);
    CHECK(second.count("warning") == 0);
    // What was put aside can be gone back to; then all others are.
    spec.checkpoint.resume_from_checkpoint = folder / "out/superseded-1/checkpoint-24";
    spec.checkpoint.save_total_limit = 1;
    RecordingHost third;
    REQUIRE(run(spec, third) == 0);
    CHECK((*third.last("resume"))["step"] == 24);
    CHECK(names_in(folder / "out/superseded-2") == std::vector<std::string>{"checkpoint-12", "checkpoint-15",
                                                                            "checkpoint-24", "checkpoint-36",
                                                                            "metrics.jsonl"});
    CHECK(names_in(folder / "out") == std::vector<std::string>{"checkpoint-36", "dataset_info.json", "metrics.jsonl",
                                                               "model.safetensors", "run.json", "superseded-1",
                                                               "superseded-2"});
}

TEST_CASE("a run that has nothing left to do says so and leaves its results") {
    const TempFolder folder;
    TrainingSpec spec = saving_spec(folder);
    REQUIRE(run(spec) == 0);
    const std::string model = read_file(folder / "out/model.safetensors");
    RecordingHost again;
    CHECK(run(spec, again) == 0);
    CHECK(last_warning(again).find("checkpoint-36 is at step 36, and the run ends at step 36: there is nothing left to "
                                   "train; to train on, raise training.num_train_epochs; ") != std::string::npos);
    spec.training.max_steps = 7;
    RecordingHost fewer;
    CHECK(run(spec, fewer) == 0);
    CHECK(last_warning(fewer).find("is at step 36, and the run ends at step 7: there is nothing left to train; to "
                                   "train on, raise training.max_steps; ") != std::string::npos);
    CHECK(fewer.count("step") == 0);
    CHECK((*fewer.last("end"))["steps"] == 36);
    CHECK(read_file(folder / "out/model.safetensors") == model);
}

TEST_CASE("two runs do not write to one folder at once") {
    const TempFolder folder;
    TrainingSpec spec = saving_spec(folder);
    fs::create_directories(folder / "out/checkpoint-1.partial");  // what the other one is writing
    {
        const OutputLock lock(folder / "out");
        const Error error = error_of([&] { run(spec); });
        CHECK(error.kind == ErrorKind::conflict);
        CHECK(error.message.starts_with("another run is writing to " + (folder / "out") + ": process "));
        CHECK(error.hint.starts_with("use another output_dir"));
        CHECK(fs::exists(folder / "out/checkpoint-1.partial"));
    }
    CHECK(run(spec) == 0);  // the file is still there, the lock is not
    CHECK(fs::exists(folder / "out/.ktrain.lock"));
}

TEST_CASE("a file system without locks is used without") {
    const TempFolder folder;
    static int code = 0;
    const auto take = [](int, int) {
        errno = code;
        return code == 0 ? 0 : -1;
    };
    for (const int without : {ENOLCK, ENOTSUP, ENOSYS, EINVAL}) {
        code = without;
        CHECK_NOTHROW(OutputLock(folder.path(), take));
    }
    code = EWOULDBLOCK;
    CHECK_THROWS_AS(OutputLock(folder.path(), take), Error);
    write_file(folder / "file", "");
    CHECK_THROWS_AS(OutputLock(folder / "file/out"), Error);
}
