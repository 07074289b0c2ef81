// What stands beside trained weights: the files of the model's folder as they were when the run began, and none of a
// model that was in the output folder before.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/trainer/language_model.h"
#include "trainer/recipe/merge.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/weights.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// A trained model in `folder`/base, and a short run on it that trains it whole.
TrainingSpec second_spec(const TempFolder& folder) {
    TrainingSpec spec = text_spec(folder);
    spec.training.max_steps = 2;
    spec.output_dir = folder / "base";
    REQUIRE(run(spec) == 0);
    spec.model = {.model_name_or_path = folder / "base"};
    spec.output_dir = folder / "out";
    return spec;
}

TrainingSpec adapter_of(TrainingSpec spec) {
    spec.method.type = "lora";
    return spec;
}

bool has(const std::string& folder, const std::string& name) {
    return fs::exists(folder + "/" + name);
}

// Turns the weights of a folder into a shard with its index; `recorded`: as if the run had written it so.
void make_shard(const std::string& folder, bool recorded) {
    const std::string shard = "model-00001-of-00001.safetensors";
    fs::rename(folder + "/model.safetensors", folder + "/" + shard);
    write_file(folder + "/model.safetensors.index.json", Json{{"weight_map", {{"model.norm.weight", shard}}}}.dump());
    if (!recorded) return;
    Json record = Json::parse(read_file(folder + "/run.json"));
    for (const auto& name : {shard, std::string("model.safetensors.index.json")})
        record["files"][name] = record["files"]["model.safetensors"];
    record["files"].erase("model.safetensors");
    write_file(folder + "/run.json", record.dump());
}

}  // namespace

TEST_CASE("an adapter in the output folder of a whole model takes its place, and the other way round") {
    const TempFolder folder;
    const TrainingSpec whole = second_spec(folder), adapter = adapter_of(whole);
    for (const int round : {1, 2}) {
        CAPTURE(round);
        REQUIRE(run(whole) == 0);
        CHECK(has(folder / "out", "model.safetensors"));
        CHECK_FALSE(has(folder / "out", "adapter_config.json"));
        CHECK_FALSE(has(folder / "out", "adapter_model.safetensors"));
        write_file(folder / "out/notes.txt", "mine");
        REQUIRE(run(adapter) == 0);
        CHECK(is_adapter_folder(folder / "out"));
        CHECK_FALSE(has(folder / "out", "model.safetensors"));
        CHECK(has(folder / "out", "tokenizer.json"));
        CHECK(has(folder / "out", "notes.txt"));
    }
}

TEST_CASE("a model in one file takes the place of shards, recorded or not") {
    for (const bool recorded : {true, false}) {
        CAPTURE(recorded);
        const TempFolder folder;
        TrainingSpec spec = second_spec(folder);
        REQUIRE(run(spec) == 0);
        make_shard(folder / "out", recorded);
        REQUIRE(run(spec) == 0);
        CHECK(weight_files(folder / "out") == std::vector{folder / "out/model.safetensors"});
        CHECK(has(folder / "out", "model-00001-of-00001.safetensors") == !recorded);
    }
}

TEST_CASE("an output folder with a model of another form that no run has recorded is refused, and stays as it was") {
    const TempFolder folder;
    const TrainingSpec whole = second_spec(folder), adapter = adapter_of(whole);
    for (const auto& [first, second] : {std::pair{&whole, &adapter}, {&adapter, &whole}}) {
        fs::remove_all(folder / "out");
        REQUIRE(run(*first) == 0);
        fs::remove(folder / "out/run.json");
        const auto names = names_in(folder / "out");
        const Error error = error_of([&] { run(*second); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.path == "output_dir");
        CHECK(error.message.find("config.json") != std::string::npos);
        CHECK(error.hint != "");
        CHECK(names_in(folder / "out") == names);
        CHECK(run(*first) == 0);  // a run that was killed before its record goes on
    }
}

TEST_CASE("no record leads out of the output folder") {
    const TempFolder folder;
    const TrainingSpec spec = second_spec(folder);
    REQUIRE(run(spec) == 0);
    write_file(folder / "mine.txt", "mine");
    Json record = Json::parse(read_file(folder / "out/run.json"));
    record["files"]["../mine.txt"] = record["files"]["model.safetensors"];
    record["files"][folder / "mine.txt"] = record["files"]["model.safetensors"];
    write_file(folder / "out/run.json", record.dump());
    REQUIRE(run(adapter_of(spec)) == 0);
    CHECK(has(folder.path(), "mine.txt"));
}

TEST_CASE("what stands beside the weights is what the model's folder had when the run began") {
    const TempFolder folder;
    TrainingSpec spec = second_spec(folder);
    write_file(folder / "base/generation_config.json", "{\"max_length\": 7}");
    fs::create_directories(folder / "base/additional_chat_templates");
    write_file(folder / "base/additional_chat_templates/tool_use.jinja", "{{ tools }}");
    const std::string tokenizer = read_file(folder / "base/tokenizer.json");
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 1;
    for (const bool adapts : {false, true}) {
        CAPTURE(adapts);
        if (adapts) spec = adapter_of(spec);
        spec.output_dir = folder / (adapts ? "adapter" : "whole");
        fs::copy(folder / "base", folder / "kept", fs::copy_options::recursive);
        RecordingHost host;
        host.stop_when = [&](const Json& event) {
            if (event["event"] == "start") fs::remove_all(folder / "base");
            return false;
        };
        REQUIRE(run(spec, host) == 0);
        fs::rename(folder / "kept", folder / "base");
        for (const std::string place : {"", "/checkpoint-1", "/checkpoint-2"}) {
            CAPTURE(place);
            const std::string there = spec.output_dir + place;
            REQUIRE(has(there, "tokenizer.json"));
            CHECK(read_file(there + "/tokenizer.json") == tokenizer);
            REQUIRE(has(there, "additional_chat_templates/tool_use.jinja"));
            CHECK(read_file(there + "/additional_chat_templates/tool_use.jinja") == "{{ tools }}");
            CHECK(has(there, "generation_config.json") == !adapts);
        }
    }
    RecordingHost host;
    REQUIRE(merge_adapter({folder / "adapter", "", folder / "merged"}, Host(host.host())) == 0);
    CHECK(has(folder / "merged", "additional_chat_templates/tool_use.jinja"));
    CHECK(Checkpoints(real_files(), folder / "whole").problem(folder / "whole/checkpoint-1") == "");
    const std::string digest = tokenizer_digest(folder / "base");
    write_file(folder / "base/additional_chat_templates/tool_use.jinja", "{{ messages }}");
    CHECK(tokenizer_digest(folder / "base") != digest);
}

TEST_CASE("a manifest may name files in folders of its checkpoint, and none outside") {
    const TempFolder folder;
    Checkpoints checkpoints(real_files(), folder.path());
    const std::string path = checkpoints.save(1, {{"a", "one"}, {"b/c", "two"}}, {});
    CHECK(checkpoints.problem(path) == "");
    for (const std::string name : {"../a", "b/../../a", "/etc/passwd", "b/.."}) {
        Json manifest = Json::parse(read_file(path + "/manifest.json"));
        manifest["files"][name] = manifest["files"]["a"];
        write_file(path + "/manifest.json", manifest.dump());
        CHECK(checkpoints.problem(path) == "its manifest.json names a file elsewhere");
        manifest["files"].erase(name);
        write_file(path + "/manifest.json", manifest.dump());
    }
    write_file(path + "/b/c", "bad");
    CHECK(checkpoints.problem(path).starts_with("b/c is damaged"));
}
