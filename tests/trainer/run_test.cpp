// Whole runs on small data: results, exact resume, checkpoints, stopping, refusals.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "core/base/digest.h"
#include "core/base/exit_code.h"
#include "core/spec/load.h"
#include "tests/trainer/support.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// metrics.jsonl without what depends on the clock, and without memory.
std::vector<Json> metrics(const std::string& output) {
    std::vector<Json> lines;
    std::istringstream text(read_file(output + "/metrics.jsonl"));
    for (std::string line; std::getline(text, line);) {
        lines.push_back(Json::parse(line));
        for (const char* key : {"samples_per_second", "eta_seconds", "seconds", "memory"}) lines.back().erase(key);
    }
    return lines;
}

// Everything that must not depend on how often a run was interrupted.
void check_same_run(const std::string& a, const std::string& b, std::int64_t last_step) {
    CHECK(read_file(a + "/model.safetensors") == read_file(b + "/model.safetensors"));
    const std::string folder = "/checkpoint-" + std::to_string(last_step);
    for (const char* file : {"/model.safetensors", "/optimizer.safetensors", "/trainer_state.json"})
        CHECK(read_file(a + folder + file) == read_file(b + folder + file));
    CHECK(metrics(a) == metrics(b));
}

// A tmpfs of 2 MB on a folder, gone with the object.
struct SmallDisk {
    const std::string folder;
    const bool mounted;

    explicit SmallDisk(const std::string& path)
        : folder(path), mounted(::mount("none", path.c_str(), "tmpfs", 0, "size=2m") == 0) {}
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted) ::umount2(folder.c_str(), MNT_DETACH);
    }
};

}  // namespace

TEST_CASE("a run learns, and leaves model, data set information and a record that agree") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.data.validation_split = 0.25;
    spec.data.augment = {};
    spec.training.num_train_epochs = 20;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(names_in(folder / "out") ==
          std::vector<std::string>{"dataset_info.json", "metrics.jsonl", "model.safetensors", "run.json"});
    const Json& start = *host.last("start");
    CHECK(start["steps_total"] == 180);
    CHECK(start["parameters"] == 93962 - 6 * 129);
    CHECK(host.count("epoch") == 20);
    CHECK(host.count("step") == 36);
    CHECK((*host.last("epoch"))["train_loss"].get<double>() < 0.3);
    CHECK((*host.last("test"))["test_accuracy"].get<double>() > 0.8);
    const Json info = Json::parse(read_file(folder / "out/dataset_info.json"));
    CHECK(info["train_size"] == 72);
    CHECK(info["val_size"] == 24);
    CHECK(info["classes"] == Json({"0", "1", "2", "3"}));
    const Json record = Json::parse(read_file(folder / "out/run.json"));
    const std::string model = read_file(folder / "out/model.safetensors");
    CHECK(record["files"]["model.safetensors"]["sha256"] == sha256(model));
    CHECK(record["files"]["model.safetensors"]["size"] == model.size());
    CHECK(record["spec_digest"] == spec::digest(spec));
    CHECK(spec::digest(spec::from_json(record["spec"])) == spec::digest(spec));
    CHECK(record["metrics"]["test_accuracy"] == (*host.last("test"))["test_accuracy"]);
    const NamedTensors tensors = decode_safetensors(model, "model");
    REQUIRE(tensors.size() == 8);
    CHECK(tensors[0].name == "0.bias");
    CHECK(tensors[2].name == "10.bias");
    CHECK(tensors[3].value.sizes().vec() == std::vector<std::int64_t>{4, 128});
}

TEST_CASE("CIFAR-10 batches are trained like IDX files") {
    const TempFolder folder;
    fs::create_directories(folder / "data");
    write_file(folder / "data/data_batch_1.bin", to_cifar(idx_images(40, 28, 28), idx_labels(40)));
    write_file(folder / "data/test_batch.bin", to_cifar(idx_images(10, 28, 28), idx_labels(10)));
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.model.input_channels = 3;
    spec.model.num_classes = 10;
    spec.training.max_steps = 3;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK((*host.last("end"))["metrics"].contains("test_accuracy"));
    CHECK(Json::parse(read_file(folder / "out/dataset_info.json"))["classes"][5] == "dog");
}

TEST_CASE("a run that was interrupted anywhere ends bit for bit like one that was not") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    for (const bool accumulate : {false, true}) {
        TrainingSpec spec = small_spec(folder / "data", folder / "whole");
        spec.data.validation_split = 0.2;
        spec.training.dataloader_num_workers = 3;
        spec.training.lr_scheduler_type = "cosine";
        spec.training.gradient_accumulation_steps = accumulate ? 3 : 1;
        spec.checkpoint.save_strategy = "steps";
        spec.checkpoint.save_steps = 4;
        RecordingHost whole;
        REQUIRE(run(spec, whole) == 0);
        const std::int64_t total = (*whole.last("start"))["steps_total"];
        CHECK(total == (accumulate ? 12 : 30));
        for (std::int64_t at = 1; at < total; ++at) {
            CAPTURE(at);
            spec.output_dir = folder / "parts";
            spec.training.dataloader_num_workers = at % 4;
            RecordingHost first;
            // Stops at step `at`; every third time without a checkpoint there, as a kill would.
            spec.checkpoint.on_sigterm = at % 3 != 0;
            std::int64_t steps = 0;
            first.stop_when = [&](const Json& event) {
                if (event["event"] == "progress" || event["event"] == "step") steps = event["step"];
                return steps >= at;
            };
            REQUIRE(run(spec, first) == 15);
            RecordingHost second;
            REQUIRE(run(spec, second) == 0);
            check_same_run(folder / "whole", folder / "parts", total);
            fs::remove_all(folder / "parts");
        }
        fs::remove_all(folder / "whole");
    }
}

TEST_CASE("a stop during an evaluation is a stop before it") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "whole");
    spec.checkpoint.save_strategy = "epoch";
    REQUIRE(run(spec) == 0);
    spec.output_dir = folder / "parts";
    RecordingHost host;
    host.signal = 2;
    // The log line of step 24 is the last event before the second evaluation.
    spec.training.logging_steps = 12;
    fs::remove_all(folder / "whole");
    spec.output_dir = folder / "whole";
    REQUIRE(run(spec) == 0);
    spec.output_dir = folder / "parts";
    host.stop_when = [](const Json& event) { return event["event"] == "step" && event["step"] == 24; };
    REQUIRE(run(spec, host) == 2);
    CHECK(host.count("epoch") == 1);
    CHECK((*host.last("checkpoint"))["step"] == 24);
    REQUIRE(run(spec) == 0);
    check_same_run(folder / "whole", folder / "parts", 36);
    CHECK(read_file(folder / "whole/checkpoint-24/trainer_state.json") ==
          read_file(folder / "parts/checkpoint-24/trainer_state.json"));
}

TEST_CASE("a stop during the last evaluation leaves a checkpoint, though none else is saved") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    // The evaluation of a run that ends within an epoch; the test after the last epoch; the end after its evaluation.
    for (const auto& [max_steps, split, last_event] :
         {std::tuple{10, 0.0, "step"}, {-1, 0.25, "epoch"}, {-1, 0.0, "epoch"}}) {
        CAPTURE(max_steps);
        CAPTURE(split);
        TrainingSpec spec = small_spec(folder / "data", folder / "whole");
        spec.training.max_steps = max_steps;
        spec.training.num_train_epochs = 1;
        spec.data.validation_split = split;
        RecordingHost whole;
        REQUIRE(run(spec, whole) == 0);
        const std::int64_t total = (*whole.last("start"))["steps_total"];
        spec.output_dir = folder / "parts";
        RecordingHost first;
        first.stop_when = [&](const Json& event) { return event["event"] == last_event && event["step"] == total; };
        CHECK(run(spec, first) == 15);
        REQUIRE(first.last("checkpoint") != nullptr);
        CHECK((*first.last("checkpoint"))["step"] == total);
        CHECK(!fs::exists(folder / "parts/run.json"));
        RecordingHost second;
        CHECK(run(spec, second) == 0);
        CHECK((*second.last("resume"))["step"] == total);
        CHECK(second.count("step") == 0);
        CHECK(read_file(folder / "whole/model.safetensors") == read_file(folder / "parts/model.safetensors"));
        fs::remove_all(folder / "whole");
        fs::remove_all(folder / "parts");
    }
}

TEST_CASE("micro-batches do not change the step") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "one");
    spec.training.max_steps = 6;
    spec.training.logging_steps = 1;
    REQUIRE(run(spec) == 0);
    spec.output_dir = folder / "many";
    spec.training.per_device_train_batch_size = 1;
    spec.training.gradient_accumulation_steps = 8;
    REQUIRE(run(spec) == 0);
    const auto one = metrics(folder / "one"), many = metrics(folder / "many");
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(one[i]["loss"].get<double>() == doctest::Approx(many[i]["loss"].get<double>()).epsilon(1e-5));
}

TEST_CASE("what this build does not train is refused, what it leaves out is said") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    const auto refused = [&](const std::function<void(TrainingSpec&)>& change) {
        TrainingSpec spec = small_spec(folder / "data", folder / "out");
        change(spec);
        const Error error = error_of([&] { run(spec); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.hint != "");
        CHECK(!fs::exists(folder / "out/metrics.jsonl"));
        return error.where.path + ": " + error.message;
    };
    CHECK(refused([](auto& s) { s.model.type = "", s.model.model_name_or_path = "llama-2-7b"; }) ==
          "model.model_name_or_path: llama-2-7b is no folder on this machine");
    CHECK(refused([](auto& s) { s.model.type = ""; }) == "model: the spec names no model");
    CHECK(refused([](auto& s) { s.model.type = "resnet"; }) == "model.type: this build cannot train model.type resnet");
    CHECK(refused([](auto& s) { s.model.dtype = "bfloat16"; }).starts_with("model.dtype: "));
    CHECK(refused([](auto& s) { s.method.type = "lora"; }).starts_with("method.type: "));
    CHECK(refused([](auto& s) { s.quantization.load_in_4bit = true; }).starts_with("quantization: "));
    CHECK(refused([](auto& s) { s.objective.type = "sft"; }).starts_with("objective.type: "));
    CHECK(refused([](auto& s) { s.training.bf16 = true; }).starts_with("training.bf16: "));
    CHECK(refused([](auto& s) {
              s.training.gradient_checkpointing = true;
          }).starts_with("training.gradient_checkpointing: "));
    CHECK(refused([](auto& s) { s.resources.nodes = 2; }).starts_with("resources.nodes: "));
    CHECK(refused([](auto& s) { s.model.input_channels = 3; }).find("model.input_channels is 3, but the images in") !=
          std::string::npos);
    CHECK(refused([](auto& s) { s.model.num_classes = 2; }).find("has the label") != std::string::npos);
    CHECK(refused([](auto& s) { s.data.normalize_mean = {0.1, 0.2}; }).starts_with("data.normalize_mean: "));
    CHECK(refused([](auto& s) { s.data.normalize_std = {0.1, 0.2}; }).starts_with("data.normalize_std: "));
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.resources.gpus_per_node = 1;
    spec.monitoring.report_to = {"wandb"};
    spec.training.max_steps = 1;
    RecordingHost host;
    CHECK(run(spec, host) == 0);
    CHECK(host.count("warning") == 2);
}

TEST_CASE("a run that comes to numbers that are none leaves no model") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.training.learning_rate = 100;
    spec.training.lr_scheduler_type = "constant";
    spec.training.max_grad_norm = 0;
    spec.training.optim = "adam";
    spec.data.normalize_std = {1e-38};
    const Error error = error_of([&] { run(spec); });
    CHECK(error.kind == ErrorKind::failed);
    // The gradients of the first step are beyond float's squares, not beyond float; they throw the weights away.
    CHECK_MESSAGE(error.message.starts_with("the loss is "), error.message);
    CHECK_MESSAGE(error.message.ends_with("nan at step 2"), error.message);
    CHECK(!fs::exists(folder / "out/model.safetensors"));
}

TEST_CASE("an output folder that cannot be written is one error") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    write_file(folder / "file", "");
    const Error error = error_of([&] { run(small_spec(folder / "data", folder / "file/out")); });
    CHECK(error.message.find(folder / "file/out") != std::string::npos);
    CHECK(error.kind == ErrorKind::input);
    CHECK(exit_code_for(error.kind) == exit_code::invalid);
}

TEST_CASE("a full disk ends the run without leftovers, and the run goes on when there is room") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    fs::create_directories(folder / "disk");
    const SmallDisk disk(folder / "disk");  // one checkpoint of 1.1 MB fits beside the metrics, two do not
    if (!disk.mounted) {
        std::puts("SKIP: a full disk: mounting a small tmpfs needs root");  // scripts/test shows such lines
        return;
    }
    TrainingSpec spec = small_spec(folder / "data", folder / "disk/out");
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 10;
    const Error error = error_of([&] { run(spec); });
    CHECK(error.kind == ErrorKind::failed);
    CHECK(error.message.find("No space left on device") != std::string::npos);
    CHECK(error.hint != "");
    CHECK(names_in(folder / "disk/out") == std::vector<std::string>{"checkpoint-10", "metrics.jsonl"});
    Checkpoints checkpoints(real_files(), folder / "disk/out");
    CHECK(checkpoints.problem(folder / "disk/out/checkpoint-10") == "");
    CHECK(::mount("none", (folder / "disk").c_str(), "tmpfs", MS_REMOUNT, "size=20m") == 0);
    RecordingHost host;
    CHECK(run(spec, host) == 0);
    CHECK((*host.last("resume"))["step"] == 10);
    spec.output_dir = folder / "whole";
    REQUIRE(run(spec) == 0);
    check_same_run(folder / "whole", folder / "disk/out", 36);
}
