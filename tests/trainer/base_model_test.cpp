// An adapter comes to the base that it was trained on, or to none.
#include "trainer/recipe/base_model.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/spec/load.h"
#include "tests/trainer/language_model.h"
#include "trainer/recipe/evaluate.h"
#include "trainer/recipe/merge.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> said_of_bases(const RecordingHost& host) {
    std::vector<std::string> said;
    for (const Json& event : host.events)
        if (event["event"] == "warning" && event["message"].get<std::string>().find("trained on") != std::string::npos)
            said.push_back(event["message"]);
    return said;
}

// A base, an adapter of it with a checkpoint, and `other`: a model of the same shapes that was trained from another
// seed.
struct Adapted {
    TempFolder folder;
    TrainingSpec spec;

    Adapted() : spec(text_spec(folder)) {
        spec.training.max_steps = 2;
        for (const auto& [name, seed] : {std::pair{"base", 42}, {"other", 43}}) {
            spec.training.seed = seed;
            spec.output_dir = folder / name;
            REQUIRE(run(spec) == 0);
        }
        spec.model.config_name.clear();
        spec.model.model_name_or_path = folder / "base";
        spec.method.type = "lora";
        spec.checkpoint.save_strategy = "epoch";
        spec.output_dir = folder / "adapter";
        REQUIRE(run(spec) == 0);
    }

    void merge(const std::string& base, RecordingHost& host) const {
        merge_adapter({folder / "adapter", base, folder / "merged"}, Host(host.host()));
        fs::remove_all(folder / "merged");
    }
    void evaluate(const std::string& base, RecordingHost& host) const {
        TrainingSpec asked = spec;
        asked.method = {};
        asked.model.model_name_or_path = folder / "adapter";
        asked.data.cache_dir = folder / "cache";
        evaluate_model({{"spec", spec::to_json(asked)}, {"base", base}, {"tasks", Json::array()}}, Host(host.host()));
    }
    // Of a checkpoint as PEFT would have left it.
    void resume(const std::string& base, RecordingHost& host) const {
        fs::remove(folder / "adapter/checkpoint-2/manifest.json");
        TrainingSpec further = spec;
        further.model.model_name_or_path = base;
        further.training.max_steps = 3;
        further.checkpoint.resume_from_checkpoint = folder / "adapter/checkpoint-2";
        further.output_dir = folder / "further";
        run(further, host);
        fs::remove_all(folder / "further");
    }

    // What is warned of with that base, one way or another.
    std::vector<std::string> warnings(const std::string& base) const {
        RecordingHost host;
        merge(base, host);
        evaluate(base, host);
        return said_of_bases(host);
    }

    void change_config(const std::function<void(Json&)>& change) const {
        const std::string path = folder / "adapter/adapter_config.json";
        Json config = Json::parse(read_file(path));
        change(config);
        write_file(path, config.dump());
    }
    void change_base(const std::string& name, at::ScalarType type) const {
        const std::string path = folder / (name + "/model.safetensors");
        NamedTensors tensors = decode_safetensors(read_file(path), path);
        for (auto& tensor : tensors) tensor.value = tensor.value.to(type);
        write_file(path, encode_safetensors(tensors));
    }
    void forget_base() const {
        for (const char* place : {"adapter", "adapter/checkpoint-2"})
            fs::remove((folder / place) + "/" + std::string(base_file_name));
    }
};

}  // namespace

TEST_CASE("an adapter is refused on a base of the same shapes with other weights, however they meet") {
    const Adapted c;
    const std::string other = c.folder / "other";
    const auto refused = [&](auto use) {
        RecordingHost host;
        const Error error = error_of([&] { use(other, host); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message.starts_with("the adapter is of another base: "));
        CHECK(error.message.ends_with(" was trained on " + (c.folder / "base") + ", and " + other +
                                      " has other weights"));
        CHECK(!error.hint.empty());
        CHECK(host.count("tokenize") == 0);
    };
    refused([&](const std::string& base, RecordingHost& host) { c.merge(base, host); });
    CHECK(!fs::exists(c.folder / "merged"));
    CHECK(!fs::exists(c.folder / "merged.partial"));
    refused([&](const std::string& base, RecordingHost& host) { c.evaluate(base, host); });
    RecordingHost host;
    const Error resumed = error_of([&] { c.resume(other, host); });
    CHECK(resumed.message.find(other + " has other weights") != std::string::npos);
    CHECK(resumed.where.path == "model.model_name_or_path");

    fs::remove_all(c.folder / "base");
    fs::rename(other, c.folder / "base");
    const Error changed = error_of([&] { c.merge("", host); });
    CHECK(changed.message == "the adapter is of another base: " + (c.folder / "base") +
                                 " has other weights now than when " + (c.folder / "adapter") + " was trained on it");
}

TEST_CASE("the base of an adapter may be elsewhere and in bfloat16") {
    const Adapted c;
    fs::rename(c.folder / "base", c.folder / "moved");
    c.change_base("moved", at::kBFloat16);
    CHECK(c.warnings(c.folder / "moved").empty());
    RecordingHost host;
    CHECK_NOTHROW(c.resume(c.folder / "moved", host));
    CHECK(said_of_bases(host).empty());
}

TEST_CASE("what was rounded to float16 is not told apart, which is said") {
    const Adapted c;
    c.change_base("base", at::kHalf);
    const auto said = c.warnings("");
    REQUIRE(said.size() == 2);
    CHECK_MESSAGE(said[0].find("in another type of floating point") != std::string::npos, said[0]);
}

TEST_CASE("of an adapter without a record the names of the bases are compared") {
    const Adapted c;
    c.forget_base();
    CHECK(c.warnings("").empty());
    const auto said = c.warnings(c.folder / "other");
    REQUIRE(said.size() == 2);
    CHECK_MESSAGE(said[0].starts_with((c.folder / "adapter") + " says that it was trained on " + (c.folder / "base") +
                                      ", and its base here is " + (c.folder / "other")),
                  said[0]);
    RecordingHost resumed;
    c.resume(c.folder / "other", resumed);
    CHECK(said_of_bases(resumed).size() == 1);
    c.change_config([](Json& config) { config["base_model_name_or_path"] = "someone/base"; });
    CHECK(c.warnings(c.folder / "base").empty());  // as it is called on the hub
    const std::string cached = c.folder / "hub/models--someone--base/snapshots/abc";
    fs::create_directories(cached);
    fs::copy(c.folder / "base", cached, fs::copy_options::recursive);
    CHECK(c.warnings(cached).empty());
    c.change_config([](Json& config) { config["revision"] = "abc"; });
    CHECK(c.warnings(cached).empty());
    const auto revision = c.warnings(c.folder / "base");
    REQUIRE(revision.size() == 2);
    CHECK_MESSAGE(revision[0].find("trained on revision abc of someone/base") != std::string::npos, revision[0]);
}

TEST_CASE("a record that says nothing of weights is refused") {
    const Adapted c;
    write_file((c.folder / "adapter/") + std::string(base_file_name), "{}");
    RecordingHost host;
    CHECK(error_of([&] { c.merge("", host); }).message.ends_with("base_model.json records no weights"));
}
