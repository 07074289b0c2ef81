// Going on from checkpoints that this machine and this program did not write: of transformers and PEFT, of other
// processors, in shards.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "core/base/digest.h"
#include "tests/trainer/language_model.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/safetensors.h"
#include "trainer/state/weights.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// Trains with a checkpoint at step 13, which is in the second epoch of ten steps.
TrainingSpec saved_spec(const TempFolder& folder) {
    TrainingSpec spec = text_spec(folder);
    spec.checkpoint.save_steps = 13;
    spec.checkpoint.save_strategy = "steps";
    spec.training.max_steps = 13;
    REQUIRE(run(spec) == 0);
    spec.training.max_steps = -1;
    return spec;
}

// Leaves of a checkpoint what transformers would have written, in `folder`/theirs.
std::string make_foreign(const TempFolder& folder, const std::string& checkpoint) {
    const std::string path = folder / "theirs";
    fs::copy(checkpoint, path, fs::copy_options::recursive);
    fs::remove(path + "/manifest.json");
    fs::remove(path + "/optimizer.safetensors");
    write_file(path + "/optimizer.pt", "pickled");
    Json state = Json::parse(read_file(path + "/trainer_state.json"));
    state["stateful_callbacks"] = {{"TrainerControl", {{"args", Json::object()}}}};
    write_file(path + "/trainer_state.json", state.dump());
    return path;
}

void to_bfloat16(const std::string& path) {
    NamedTensors tensors = decode_safetensors(read_file(path), path);
    for (auto& tensor : tensors) tensor.value = tensor.value.to(at::kBFloat16);
    write_file(path, encode_safetensors(tensors));
}

std::string refusal(const TrainingSpec& spec) {
    const Error error = error_of([&] { run(spec); });
    CHECK(error.kind == ErrorKind::input);
    CHECK(error.hint != "");
    return error.message;
}

// Replaces a file of a checkpoint, and says so in the manifest.
void replace_file(const std::string& checkpoint, const std::string& name, const std::string& content) {
    Json manifest = Json::parse(read_file(checkpoint + "/manifest.json"));
    manifest["files"][name] = {{"size", content.size()}, {"sha256", sha256(content)}};
    write_file(checkpoint + "/" + name, content);
    write_file(checkpoint + "/manifest.json", manifest.dump());
}

Json environment_of(const std::string& checkpoint) {
    return Json::parse(read_file(checkpoint + "/trainer_state.json"))["stateful_callbacks"]["ktrain"]["environment"];
}

}  // namespace

TEST_CASE("a run goes on from the weights and the step of a checkpoint of transformers") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    spec.checkpoint.resume_from_checkpoint = make_foreign(folder, folder / "out/checkpoint-13");
    for (const bool halved : {false, true}) {
        if (halved) to_bfloat16(folder / "theirs/model.safetensors");
        spec.output_dir = folder / (halved ? "halved" : "whole");
        RecordingHost host;
        REQUIRE(run(spec, host) == 0);
        CHECK((*host.last("resume"))["step"] == 13);
        CHECK((*host.last("resume"))["epoch"] == 1.3);
        CHECK((*host.last("step"))["step"] == 30);
        CHECK(host.count("step") == 17);
        CHECK(host.count("epoch") == 2);
        CHECK(std::ranges::any_of(host.events, [](const Json& event) {
            return event["event"] == "warning" &&
                   event["message"].get<std::string>().find("begin anew") != std::string::npos;
        }));
        // As good as before: the first loss is that of weights that were trained.
        CHECK(losses_in(spec.output_dir).front() < losses_in(folder / "out").front() - 0.2);
        CHECK(Json::parse(read_file(spec.output_dir + "/checkpoint-30/trainer_state.json"))["log_history"].size() ==
              30);
    }
}

TEST_CASE("a checkpoint of transformers may have numbers that are none, as Python writes them") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    const std::string theirs = make_foreign(folder, folder / "out/checkpoint-13");
    spec.checkpoint.resume_from_checkpoint = theirs;
    spec.training.max_steps = 14;
    spec.output_dir = folder / "further";
    const std::string state = R"({"best_metric": -Infinity, "global_step": 13, "log_history": [{"grad_norm": NaN,
        "loss": Infinity, "note": "NaN, \"Infinity\" and \\", "step": 13}]})";
    write_file(theirs + "/trainer_state.json", state);
    REQUIRE(run(spec) == 0);
    const Json history = Json::parse(read_file(folder / "further/checkpoint-14/trainer_state.json"))["log_history"];
    REQUIRE(history.size() == 2);
    CHECK(history[0] ==
          Json{{"grad_norm", nullptr}, {"loss", nullptr}, {"note", "NaN, \"Infinity\" and \\"}, {"step", 13}});
    for (const char* word : {"NaNs", "Infinit", "nan"}) {
        CAPTURE(word);
        write_file(theirs + "/trainer_state.json", fmt::format(R"({{"global_step": 13, "loss": {}}})", word));
        CHECK(error_of([&] { run(spec); }).where.file == theirs + "/trainer_state.json");
    }
}

TEST_CASE("a checkpoint of transformers in the output folder is not written over") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    const std::string theirs = make_foreign(folder, folder / "out/checkpoint-13");
    fs::remove_all(folder / "out/checkpoint-13");
    fs::rename(theirs, folder / "out/checkpoint-13");
    spec.checkpoint.resume_from_checkpoint = folder / "out/checkpoint-13";
    spec.training.max_steps = 15;
    REQUIRE(run(spec) == 0);
    CHECK(read_file(folder / "out/checkpoint-13/optimizer.pt") == "pickled");
    CHECK(fs::exists(folder / "out/checkpoint-15/manifest.json"));
}

TEST_CASE("a checkpoint of transformers at the last step of the run becomes one of ktrain's") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    spec.checkpoint.resume_from_checkpoint = make_foreign(folder, folder / "out/checkpoint-13");
    spec.training.max_steps = 13;
    spec.output_dir = folder / "taken";
    REQUIRE(run(spec) == 0);
    REQUIRE(fs::exists(folder / "taken/checkpoint-13/manifest.json"));
    CHECK(read_file(folder / "taken/checkpoint-13/model.safetensors") ==
          read_file(folder / "theirs/model.safetensors"));
    spec.checkpoint.resume_from_checkpoint = "auto";
    spec.training.max_steps = 15;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK((*host.last("resume"))["step"] == 13);
    CHECK(host.count("step") == 2);
}

TEST_CASE("an adapter goes on from a checkpoint of PEFT, but not from another adapter's") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.output_dir = folder / "base";
    spec.training.max_steps = 10;
    REQUIRE(run(spec) == 0);
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "base";
    spec.method.type = "lora";
    spec.output_dir = folder / "out";
    spec.checkpoint.save_strategy = "steps";
    REQUIRE(run(spec) == 0);
    spec.checkpoint.resume_from_checkpoint = make_foreign(folder, folder / "out/checkpoint-10");
    Json config = Json::parse(read_file(folder / "theirs/adapter_config.json"));
    config["rank_pattern"] = Json::object();  // as PEFT writes what is not used
    write_file(folder / "theirs/adapter_config.json", config.dump());
    to_bfloat16(folder / "theirs/adapter_model.safetensors");
    spec.training.max_steps = 12;
    spec.output_dir = folder / "further";
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(host.count("step") == 2);
    spec.method.lora_alpha = 64;
    CHECK(refusal(spec).ends_with("is of another run: its lora_alpha is 16.0, that of this run 64.0"));
    spec.method = {};
    CHECK(refusal(spec).find("model.safetensors") != std::string::npos);
}

TEST_CASE("folders that are no checkpoints are refused, each for its reason") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    const std::string theirs = make_foreign(folder, folder / "out/checkpoint-13");
    spec.checkpoint.resume_from_checkpoint = theirs;
    write_file(theirs + "/trainer_state.json", "{}");
    CHECK(refusal(spec).ends_with("trainer_state.json has no global_step"));
    fs::remove(theirs + "/trainer_state.json");
    CHECK(refusal(spec).ends_with(" is a model, not a checkpoint: it has no trainer_state.json"));
    fs::rename(theirs + "/model.safetensors", theirs + "/pytorch_model.bin");
    CHECK(refusal(spec).find(" holds pickled weights, which are not read") != std::string::npos);
    fs::remove(theirs + "/pytorch_model.bin");
    CHECK(refusal(spec).ends_with("it has no manifest.json"));
    // A classifier of images has no form that others write.
    make_idx_folder(folder / "data");
    TrainingSpec images = small_spec(folder / "data", folder / "images");
    images.checkpoint.save_strategy = "epoch";
    REQUIRE(run(images) == 0);
    fs::remove_all(theirs);
    images.checkpoint.resume_from_checkpoint = make_foreign(folder, folder / "images/checkpoint-36");
    CHECK(refusal(images).ends_with(" is no checkpoint that ktrain wrote"));
}

TEST_CASE("a run goes on with the products of its checkpoint, and says what else is not as it was") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    const std::string checkpoint = folder / "out/checkpoint-13";
    const std::string before = environment_of(checkpoint)["gemm"], other = before == "aten" ? "onednn" : "aten";
    RecordingHost same;
    fs::copy(folder / "out", folder / "same", fs::copy_options::recursive);
    spec.output_dir = folder / "same";
    REQUIRE(run(spec, same) == 0);
    CHECK(same.count("warning") == 0);
    Json state = Json::parse(read_file(checkpoint + "/trainer_state.json"));
    state["stateful_callbacks"]["ktrain"]["environment"]["gemm"] = other;
    replace_file(checkpoint, "trainer_state.json", state.dump());
    for (const char* output : {"one", "two"}) {
        fs::copy(folder / "out", folder / output, fs::copy_options::recursive);
        spec.output_dir = folder / output;
        RecordingHost adopted;
        REQUIRE(run(spec, adopted) == 0);
        CHECK(adopted.count("warning") == 0);
        CHECK(environment_of(spec.output_dir + "/checkpoint-30")["gemm"] == other);
    }
    CHECK(read_file(folder / "one/model.safetensors") == read_file(folder / "two/model.safetensors"));
    Json& environment = state["stateful_callbacks"]["ktrain"]["environment"];
    environment["gemm"] = "magic";
    environment["threads"] = 77;
    environment["libtorch"] = "1.0";
    replace_file(checkpoint, "trainer_state.json", state.dump());
    spec.output_dir = folder / "out";
    RecordingHost elsewhere;
    REQUIRE(run(spec, elsewhere) == 0);
    REQUIRE(elsewhere.count("warning") == 1);
    const std::string message = (*elsewhere.last("warning"))["message"];
    CHECK(message.find("gemm magic, now " + before) != std::string::npos);
    CHECK(message.find("threads 77, now ") != std::string::npos);
    CHECK(message.find("libtorch 1.0, now ") != std::string::npos);
    CHECK(message.ends_with(": the last digits may differ"));
    CHECK(environment_of(folder / "out/checkpoint-30")["gemm"] == before);
}

TEST_CASE("a run goes on with the kernels it was begun with, and says where the spec has others") {
    const std::vector<std::string> off{"attention", "gemm", "norm"};
    for (const auto& disabled : {off, std::vector<std::string>()}) {
        const TempFolder folder;
        TrainingSpec spec = text_spec(folder);
        spec.training.disable_kernels = disabled;
        spec.checkpoint.save_steps = 13;
        spec.checkpoint.save_strategy = "steps";
        REQUIRE(run(spec) == 0);
        const std::string model = read_file(folder / "out/model.safetensors");
        for (const auto& asked : {disabled, disabled.empty() ? off : std::vector<std::string>{"gated"}}) {
            spec.output_dir = folder / fmt::format("asked-{}", fmt::join(asked, "-"));
            fs::create_directories(spec.output_dir);
            fs::copy(folder / "out/checkpoint-13", spec.output_dir + "/checkpoint-13", fs::copy_options::recursive);
            spec.training.disable_kernels = asked;
            RecordingHost host;
            REQUIRE(run(spec, host) == 0);
            CHECK(host.count("resume") == 1);
            CHECK(read_file(spec.output_dir + "/model.safetensors") == model);
            CHECK(environment_of(spec.output_dir + "/checkpoint-30")["disabled_kernels"] == Json(disabled));
            REQUIRE(host.count("warning") == (asked == disabled ? 0 : 1));
            if (asked == disabled) continue;
            const std::string message = (*host.last("warning"))["message"];
            CHECK(message == (disabled.empty() ? "the run was begun with all kernels, and goes on so: "
                                                 "training.disable_kernels has no effect"
                                               : "the run was begun with the kernels attention, gemm, norm disabled, "
                                                 "and goes on so: training.disable_kernels has no effect"));
        }
    }
}

TEST_CASE("a checkpoint without a kernel that is not known here is refused") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    const std::string checkpoint = folder / "out/checkpoint-13";
    const Json state = Json::parse(read_file(checkpoint + "/trainer_state.json"));
    const auto refused = [&](const Json& disabled) {
        Json other = state;
        other["stateful_callbacks"]["ktrain"]["environment"]["disabled_kernels"] = disabled;
        replace_file(checkpoint, "trainer_state.json", other.dump());
        return error_of([&] { run(spec); });
    };
    const Error typo = refused({"norm", "atention"});
    CHECK(typo.kind == ErrorKind::input);
    CHECK(typo.message ==
          checkpoint + " was written without the kernel \"atention\", which this version does not know");
    CHECK(typo.hint == "its nearest one is attention; go on with the version that wrote it");
    CHECK(typo.where.file == checkpoint + "/trainer_state.json");
    CHECK(refused({"convolution"}).hint == "go on with the version that wrote it");
    CHECK(refused({7}).message.find("the kernel \"7\"") != std::string::npos);
    replace_file(checkpoint, "trainer_state.json", state.dump());
    CHECK(run(spec) == 0);
}

TEST_CASE("weights beyond the limit of a file are written in shards, and read back") {
    const TempFolder folder;
    TrainingSpec spec = saved_spec(folder);
    const std::string checkpoint = folder / "out/checkpoint-13";
    const NamedTensors tensors = decode_safetensors(read_file(checkpoint + "/model.safetensors"), "model");
    const auto files = weight_shards(tensors, 8000);
    REQUIRE(files.size() > 3);
    CHECK(files.back().name == "model.safetensors.index.json");
    const Json index = Json::parse(files.back().text);
    std::uint64_t bytes = 0;
    std::int64_t parameters = 0;
    for (const auto& [name, value] : tensors) {
        bytes += value.nbytes();
        parameters += value.numel();
    }
    CHECK(index["metadata"] == Json{{"total_parameters", parameters}, {"total_size", bytes}});
    const std::string last = fmt::format("model-{0:05}-of-{0:05}.safetensors", files.size() - 1);
    CHECK(files[files.size() - 2].name == last);
    CHECK(weight_shards(tensors, bytes).size() == 1);
    CHECK(weight_shards(tensors, bytes).front().name == "model.safetensors");
    CHECK(weight_shards(tensors, bytes - 1).size() == 3);
    CHECK(weight_shards(tensors, 1).size() == tensors.size() + 1);  // none is cut
    // A checkpoint of shards is one like any other.
    spec.output_dir = folder / "whole";
    fs::copy(folder / "out", folder / "whole", fs::copy_options::recursive);
    REQUIRE(run(spec) == 0);
    for (const auto& file : files) {
        std::string content;
        for (const auto piece : file.pieces()) content += piece;
        CHECK(content.size() < 8000 + 4096);
        replace_file(checkpoint, file.name, content);
        if (file.name.ends_with(".safetensors"))
            for (const auto& tensor : decode_safetensors(content, file.name))
                CHECK(index["weight_map"][tensor.name] == file.name);
    }
    Json manifest = Json::parse(read_file(checkpoint + "/manifest.json"));
    manifest["files"].erase("model.safetensors");
    write_file(checkpoint + "/manifest.json", manifest.dump());
    fs::remove(checkpoint + "/model.safetensors");
    spec.output_dir = folder / "out";
    REQUIRE(run(spec) == 0);
    CHECK(read_file(folder / "out/model.safetensors") == read_file(folder / "whole/model.safetensors"));
}
