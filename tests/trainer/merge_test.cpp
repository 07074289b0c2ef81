// `ktrain merge`: the merged model is the base with its adapter, and what cannot be merged leaves nothing.
#include "trainer/recipe/merge.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "tests/trainer/language_model.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// A base in `folder`/base and an adapter of it in `folder`/adapter; the spec that made the adapter.
TrainingSpec make_adapter(const TempFolder& folder) {
    TrainingSpec spec = text_spec(folder);
    spec.data.validation_split = 0.25;
    spec.training.max_steps = 5;
    spec.output_dir = folder / "base";
    REQUIRE(run(spec) == 0);
    spec.model.config_name.clear();
    spec.model.model_name_or_path = folder / "base";
    spec.method.type = "lora";
    spec.output_dir = folder / "adapter";
    return spec;
}

double last_evaluation(const RecordingHost& host) {
    return host.last("epoch")->at("eval_loss").get<double>();
}

int merge(const MergeRequest& request) {
    RecordingHost host;
    return merge_adapter(request, Host(host.host()));
}

// The message of the refusal; nothing may be left of the output.
std::string refusal(const TempFolder& folder, const std::string& base = "") {
    const Error error = error_of([&] { merge({folder / "adapter", base, folder / "merged"}); });
    CHECK(error.kind == ErrorKind::input);
    CHECK(!error.hint.empty());
    CHECK(!fs::exists(folder / "merged"));
    CHECK(!fs::exists(folder / "merged.partial"));
    return error.message;
}

void edit(const std::string& path, const std::function<void(Json&)>& change) {
    Json json = Json::parse(read_file(path));
    change(json);
    write_file(path, json.dump());
}

}  // namespace

TEST_CASE("a merged model evaluates as its base with the adapter") {
    const TempFolder folder;
    TrainingSpec spec = make_adapter(folder);
    RecordingHost adapted;
    REQUIRE(run(spec, adapted) == 0);
    REQUIRE(merge({folder / "adapter", "", (folder / "merged") + "/"}) == 0);
    CHECK(!fs::exists(folder / "merged/.ktrain.lock"));
    CHECK(names_in(folder / "merged") ==
          std::vector<std::string>{"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"});
    spec.model.model_name_or_path = folder / "merged";
    spec.method = {};
    spec.training.max_steps = 1;
    spec.training.learning_rate = 1e-12;
    spec.output_dir = folder / "evaluated";
    RecordingHost merged;
    REQUIRE(run(spec, merged) == 0);
    CHECK(last_evaluation(merged) == doctest::Approx(last_evaluation(adapted)).epsilon(1e-6));
}

TEST_CASE("a merged weight has the type of its base") {
    const TempFolder folder;
    REQUIRE(run(make_adapter(folder)) == 0);
    NamedTensors tensors = decode_safetensors(read_file(folder / "base/model.safetensors"), "base");
    for (auto& tensor : tensors) tensor.value = tensor.value.to(at::kBFloat16);
    write_file(folder / "base/model.safetensors", encode_safetensors(tensors));
    REQUIRE(merge({folder / "adapter", "", folder / "merged"}) == 0);
    for (const auto& [name, value] : decode_safetensors(read_file(folder / "merged/model.safetensors"), "merged")) {
        CAPTURE(name);
        CHECK((value.scalar_type() == at::kBFloat16));
    }
}

TEST_CASE("what cannot be merged is refused, and leaves nothing") {
    const TempFolder folder;
    REQUIRE(run(make_adapter(folder)) == 0);
    SUBCASE("a base in four bits") {
        edit(folder / "base/config.json", [](Json& json) { json["quantization_config"] = {{"load_in_4bit", true}}; });
        CHECK(refusal(folder).starts_with("the base holds quantised weights"));
    }
    SUBCASE("a base of another size") {
        NamedTensors tensors = decode_safetensors(read_file(folder / "base/model.safetensors"), "base");
        for (auto& tensor : tensors)
            if (tensor.value.dim() == 2) tensor.value = tensor.value.slice(0, 0, 8).contiguous();
        write_file(folder / "base/model.safetensors", encode_safetensors(tensors));
        CHECK(refusal(folder).starts_with("the adapter is of another base: "));
    }
    SUBCASE("a base of other layers") {
        NamedTensors tensors = decode_safetensors(read_file(folder / "base/model.safetensors"), "base");
        std::erase_if(tensors, [](const auto& tensor) { return tensor.name.find("layers.1.") != std::string::npos; });
        write_file(folder / "base/model.safetensors", encode_safetensors(tensors));
        CHECK(refusal(folder).starts_with("the adapter is of another base: "));
    }
    SUBCASE("no such base") {
        CHECK(refusal(folder, folder / "none").ends_with("is no folder on this machine"));
    }
    SUBCASE("another rank than it says") {
        edit(folder / "adapter/adapter_config.json", [](Json& json) { json["r"] = 4; });
        CHECK(refusal(folder).find("has the rank 8, but adapter_config.json says 4") != std::string::npos);
    }
    SUBCASE("a module to save that is not there") {
        edit(folder / "adapter/adapter_config.json", [](Json& json) { json["modules_to_save"] = {"lm_head"}; });
        CHECK(refusal(folder).starts_with("lm_head is named by modules_to_save"));
    }
    SUBCASE("values that are no numbers") {
        NamedTensors tensors = decode_safetensors(read_file(folder / "adapter/adapter_model.safetensors"), "adapter");
        tensors[0].value.flatten()[0].fill_(std::nan(""));
        write_file(folder / "adapter/adapter_model.safetensors", encode_safetensors(tensors));
        CHECK(refusal(folder).find("holds NaN") != std::string::npos);
    }
    SUBCASE("another method") {
        edit(folder / "adapter/adapter_config.json", [](Json& json) { json["peft_type"] = "IA3"; });
        CHECK(refusal(folder) == "the adapter is IA3, not LORA");
    }
    SUBCASE("half an adapter") {
        NamedTensors tensors = decode_safetensors(read_file(folder / "adapter/adapter_model.safetensors"), "adapter");
        tensors.pop_back();
        write_file(folder / "adapter/adapter_model.safetensors", encode_safetensors(tensors));
        CHECK(refusal(folder).find("do not fit each other") != std::string::npos);
    }
    SUBCASE("a truncated adapter") {
        const std::string bytes = read_file(folder / "adapter/adapter_model.safetensors");
        write_file(folder / "adapter/adapter_model.safetensors", bytes.substr(0, bytes.size() / 2));
        CHECK(refusal(folder).find("adapter_model.safetensors") != std::string::npos);
    }
    SUBCASE("a folder that is there already") {
        fs::create_directory(folder / "there");
        const Error error = error_of([&] { merge({folder / "adapter", "", folder / "there"}); });
        CHECK(error.message.ends_with("is there already"));
    }
}
