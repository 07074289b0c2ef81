// `ktrain merge`: the merged model is the base with its adapter, and what cannot be merged leaves nothing.
#include "trainer/recipe/merge.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <filesystem>

#include "tests/trainer/language_model.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// config.json of a GPT-2 for the same words: its weights are stored [in, out], its head is its embedding.
Json gpt2_config() {
    return {{"architectures", {"GPT2LMHeadModel"}},
            {"model_type", "gpt2"},
            {"n_embd", 32},
            {"n_layer", 2},
            {"n_head", 4},
            {"n_positions", 64},
            {"vocab_size", 24},
            {"eos_token_id", 2}};
}

// A base in `folder`/base and the spec that makes an adapter of it in `folder`/adapter.
TrainingSpec make_adapter(const TempFolder& folder, const Json& config = tiny_config()) {
    TrainingSpec spec = text_spec(folder);
    write_file(folder / "model/config.json", config.dump());
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

// The weights of a model folder in two files.
void split(const std::string& folder) {
    NamedTensors tensors = decode_safetensors(read_file(folder + "/model.safetensors"), "model");
    const auto middle = tensors.begin() + std::ssize(tensors) / 2;
    const std::array parts{NamedTensors(tensors.begin(), middle), NamedTensors(middle, tensors.end())};
    Json map = Json::object();
    for (const int i : {0, 1}) {
        const std::string file = "model-" + std::to_string(i + 1) + ".safetensors";
        for (const auto& tensor : parts[static_cast<std::size_t>(i)]) map[tensor.name] = file;
        write_file(folder + "/" + file, encode_safetensors(parts[static_cast<std::size_t>(i)]));
    }
    write_file(folder + "/model.safetensors.index.json", Json{{"weight_map", map}}.dump());
    fs::remove(folder + "/model.safetensors");
}

// A run of `folder`/merged that learns next to nothing and evaluates.
RecordingHost evaluate(const TempFolder& folder, TrainingSpec spec) {
    spec.model.model_name_or_path = folder / "merged";
    spec.method = {};
    spec.training.max_steps = 1;
    spec.training.learning_rate = 1e-12;
    spec.output_dir = folder / "evaluated";
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    return host;
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

TEST_CASE("a merged model evaluates as its base with the adapter, whatever the kind") {
    for (const auto& [name, choose] : std::vector<std::pair<std::string, void (*)(MethodSpec&)>>{
             {"lora", [](MethodSpec&) {}},
             {"dora", [](MethodSpec& method) { method.use_dora = true; }},
             {"patterns",
              [](MethodSpec& method) {
                  method.use_rslora = true;
                  method.rank_pattern = {{"0.self_attn.q_proj", "3"}};
                  method.alpha_pattern = {{"v_proj", "7"}};
              }},
             {"saved",
              [](MethodSpec& method) {
                  method.modules_to_save = {"embed_tokens", "norm"};
              }},
             {"saved head", [](MethodSpec& method) { method.modules_to_save = {"lm_head"}; }}}) {
        for (const bool gpt2 : {false, true}) {
            if (gpt2 && name == "saved") continue;  // its modules have other names
            CAPTURE(name);
            CAPTURE(gpt2);
            const TempFolder folder;
            TrainingSpec spec = make_adapter(folder, gpt2 ? gpt2_config() : tiny_config());
            choose(spec.method);
            if (gpt2) spec.method.target_modules = {"all-linear"};
            if (gpt2 && name == "patterns") {
                spec.method.rank_pattern = {{"0.attn.c_attn", "3"}};
                spec.method.alpha_pattern = {{"c_proj", "7"}};
            }
            RecordingHost adapted;
            REQUIRE(run(spec, adapted) == 0);
            split(folder / "base");
            REQUIRE(merge({folder / "adapter", "", (folder / "merged") + "/"}) == 0);
            CHECK(names_in(folder / "merged") ==
                  std::vector<std::string>{"config.json", "model-1.safetensors", "model-2.safetensors",
                                           "model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json"});
            CHECK(last_evaluation(evaluate(folder, spec)) == doctest::Approx(last_evaluation(adapted)).epsilon(1e-6));
        }
    }
}

TEST_CASE("a base whose names lack the model's root is merged, but its head is not parted from its embedding") {
    const TempFolder folder;
    TrainingSpec spec = make_adapter(folder, gpt2_config());
    NamedTensors tensors = decode_safetensors(read_file(folder / "base/model.safetensors"), "base");
    for (auto& tensor : tensors) tensor.name = tensor.name.substr(std::string_view("transformer.").size());
    write_file(folder / "base/model.safetensors", encode_safetensors(tensors));
    RecordingHost adapted;
    REQUIRE(run(spec, adapted) == 0);
    REQUIRE(merge({folder / "adapter", "", folder / "merged"}) == 0);
    CHECK(last_evaluation(evaluate(folder, spec)) == doctest::Approx(last_evaluation(adapted)).epsilon(1e-6));
    fs::remove_all(folder / "merged");
    spec.method.modules_to_save = {"lm_head"};
    spec.output_dir = folder / "adapter-2";
    REQUIRE(run(spec) == 0);
    const Error error = error_of([&] { merge({folder / "adapter-2", "", folder / "merged"}); });
    CHECK(error.message == "the head cannot be parted from the embedding: wte.weight lacks its transformer.");
    CHECK(!fs::exists(folder / "merged"));
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
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message == (folder / "there") + " is there already");
        CHECK(error.hint == "name a folder that is not");
    }
}

TEST_CASE("options of PEFT that are not known here are refused, and leave nothing") {
    const TempFolder folder;
    REQUIRE(run(make_adapter(folder)) == 0);
    const auto refused = [&](const char* key, const Json& value) {
        edit(folder / "adapter/adapter_config.json", [&](Json& json) { json[key] = value; });
        return refusal(folder);
    };
    SUBCASE("DoRA without magnitudes") {
        CHECK(refused("use_dora", true).starts_with("lora_magnitude_vector of model.layers.0."));
    }
    SUBCASE("biases") {
        CHECK(refused("bias", "lora_only") == "adapters with bias: lora_only are not known here");
    }
    SUBCASE("biases of the matrices") {
        CHECK(refused("lora_bias", true) == "adapters with lora_bias are not known here");
    }
    SUBCASE("a part taken out of the base") {
        CHECK(refused("init_lora_weights", "pissa") == "adapters with init_lora_weights: pissa are not known here");
    }
    SUBCASE("a pattern that cannot be read") {
        CHECK(refused("rank_pattern", {{"(q_proj", 8}}) == "\"(q_proj\" is no pattern for names of modules");
    }
    SUBCASE("a whole tensor of another base") {
        NamedTensors tensors = decode_safetensors(read_file(folder / "adapter/adapter_model.safetensors"), "adapter");
        tensors.push_back({"base_model.model.score.weight", tensors[0].value});
        write_file(folder / "adapter/adapter_model.safetensors", encode_safetensors(tensors));
        CHECK(refusal(folder).starts_with("the adapter is of another base: score.weight"));
    }
    SUBCASE("another kind of matrix") {
        NamedTensors tensors = decode_safetensors(read_file(folder / "adapter/adapter_model.safetensors"), "adapter");
        tensors[0].name = "base_model.model.model.embed_tokens.lora_embedding_A";
        write_file(folder / "adapter/adapter_model.safetensors", encode_safetensors(tensors));
        CHECK(refusal(folder).ends_with(" is of a kind of LoRA that is not known here"));
    }
}
