// What methods change in a model: ranks and scales by module, tensors that train, refusals, adapter_config.json.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <set>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/estimate/estimate.h"
#include "core/model/catalog.h"
#include "core/model/method_lora.h"
#include "core/spec/idle_settings.h"

using namespace ktrain;

namespace {

const ModelShape& llama() {
    static const ModelShape shape = *find_in_catalog("llama-2-7b");
    return shape;
}

// A tied model.
const ModelShape& smol() {
    static const ModelShape shape = *find_in_catalog("smollm2-135m");
    return shape;
}

MethodSpec lora() {
    MethodSpec method;
    method.type = "lora";
    return method;
}

MethodSpec saving(std::vector<std::string> modules) {
    MethodSpec method = lora();
    method.modules_to_save = std::move(modules);
    return method;
}

MethodSpec freezing(std::int64_t layers, std::vector<std::string> modules) {
    MethodSpec method;
    method.freeze_layers = layers;
    method.freeze_modules = std::move(modules);
    return method;
}

// The names of what trains beside the adapter.
std::set<std::string> whole(const ModelShape& shape, const MethodSpec& method) {
    std::set<std::string> names;
    for (const TensorDecl& tensor : inventory(shape, method, "bfloat16"))
        if (tensor.trainable && tensor.role != Role::adapter) names.insert(tensor.name);
    return names;
}

Error refused(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    FAIL("accepted");
    throw std::logic_error("");
}

Error refused(const ModelShape& shape, const MethodSpec& method) {
    return refused([&] { inventory(shape, method, "bfloat16"); });
}

}  // namespace

TEST_CASE("patterns choose rank and alpha by the end of a module's name, the first in their order") {
    MethodSpec method = lora();
    method.target_modules = {"all-linear"};
    method.rank_pattern = {
        {"(q|v)_proj", "2"}, {"^model.layers.0.mlp.up_proj", "3"}, {"layers.1.mlp.up_proj", "5"}, {"q_proj", "7"}};
    method.alpha_pattern = {{"v_proj", "0.5"}};
    LoraConfig config = lora_config(llama(), method);
    config.rank_pattern.emplace(config.rank_pattern.end() - 1, "proj", 9);
    const Lora plain(config);
    CHECK(plain.rank("model.layers.3.self_attn.q_proj") == 2);
    CHECK(plain.rank("model.layers.3.self_attn.v_proj") == 2);
    CHECK(plain.rank("model.layers.0.mlp.up_proj") == 3);
    CHECK(plain.rank("model.layers.1.mlp.up_proj") == 5);
    CHECK(plain.rank("model.layers.10.mlp.up_proj") == 8);
    CHECK(plain.rank("model.layers.1.mlp.down_proj") == 8);  // "proj" is no end behind a dot
    CHECK(plain.scale("model.layers.1.mlp.down_proj") == 2);
    CHECK(plain.scale("model.layers.3.self_attn.v_proj") == 0.25);
    method.use_rslora = true;
    CHECK(Lora(lora_config(llama(), method)).scale("a.v_proj") == 0.5 / std::sqrt(2.0));
    CHECK(refused([] {
              Lora({.rank_pattern = {{"(q_proj", 2}}});
          }).message == "\"(q_proj\" is no pattern for names of modules");
    CHECK(refused([] { Lora({.rank_pattern = {{std::string(2000, 'a'), 2}}}); }).kind == ErrorKind::input);
    CHECK(plain.rank(std::string(100000, 'a')) == 8);  // no stack overflow
}

TEST_CASE("counts have magnitudes, ranks of patterns and whole modules") {
    MethodSpec method = lora();
    const std::int64_t plain = 32 * 2 * 8 * (4096 + 4096);
    CHECK(lora_parameters(llama(), method) == plain);
    method.use_dora = true;
    CHECK(lora_parameters(llama(), method) == plain + 32 * 2 * 4096);
    method.use_dora = false;
    method.rank_pattern = {{"layers.0.self_attn.q_proj", "16"}};
    CHECK(lora_parameters(llama(), method) == plain + 8 * (4096 + 4096));
    CHECK(lora_parameters(llama(), saving({"lm_head"})) == plain + 32000 * 4096);
    CHECK(lora_parameters(llama(), saving({"lm_head", "model.norm"})) == plain + 32000 * 4096 + 4096);
    CHECK(trainable_parameters(llama(), MethodSpec{}) == llama().parameters);
    CHECK(trainable_parameters(llama(), freezing(32, {"embed_tokens"})) == 4096 + 32000 * 4096);
}

TEST_CASE("modules_to_save are trained whole, by the ends of their names") {
    CHECK(whole(llama(), saving({"embed_tokens", "model.norm"})) ==
          std::set<std::string>{"model.embed_tokens.weight", "model.norm.weight"});
    CHECK(whole(llama(), saving({"norm"})).size() == 2 * 32 + 1);
    CHECK(whole(llama(), saving({".1.self_attn.o_proj"})) ==
          std::set<std::string>{"model.layers.1.self_attn.o_proj.weight"});
    // What is saved whole gets no matrices.
    MethodSpec method = saving({"q_proj", "k_proj", "v_proj", "layers.0.mlp.down_proj"});
    method.target_modules = {"q_proj", "down_proj"};
    CHECK(whole(llama(), method).size() == 32 * 3 + 1);
    const auto tensors = inventory(llama(), method, "bfloat16");
    CHECK(std::ranges::count(tensors, Role::adapter, &TensorDecl::role) == 2 * 31);
}

TEST_CASE("saving embedding or head of a tied model parts them") {
    const auto has_head = [](const MethodSpec& method) {
        const auto tensors = inventory(smol(), method, "bfloat16");
        return std::ranges::find(tensors, "lm_head.weight", &TensorDecl::name) != tensors.end();
    };
    REQUIRE(smol().tied);
    CHECK_FALSE(has_head(MethodSpec{}));
    CHECK_FALSE(has_head(saving({"norm"})));
    CHECK(has_head(saving({"embed_tokens"})));
    CHECK(whole(smol(), saving({"embed_tokens"})) == std::set<std::string>{"model.embed_tokens.weight"});
    CHECK(whole(smol(), saving({"lm_head"})) == std::set<std::string>{"lm_head.weight"});
}

TEST_CASE("frozen layers and modules do not train") {
    const auto trained = whole(llama(), freezing(31, {"embed_tokens", "mlp", "layers.31.self_attn.o_proj"}));
    CHECK(trained == std::set<std::string>{"lm_head.weight", "model.layers.31.input_layernorm.weight",
                                           "model.layers.31.post_attention_layernorm.weight",
                                           "model.layers.31.self_attn.k_proj.weight",
                                           "model.layers.31.self_attn.q_proj.weight",
                                           "model.layers.31.self_attn.v_proj.weight", "model.norm.weight"});
}

TEST_CASE("what a method names and the model cannot do is refused with its field and a remedy") {
    struct Case {
        const ModelShape& shape;
        MethodSpec method;
        std::string path, message, hint;
    };
    MethodSpec all_saved = saving({"q_proj", "k_proj", "v_proj"}), both = saving({"_proj"});
    both.target_modules = {"q_proj"};
    for (const Case& wrong : std::vector<Case>{
             {llama(), saving({"embed_token"}), "method.modules_to_save", "the model has no module \"embed_token\"",
              "did you mean embed_tokens?"},
             {llama(), saving({"mlp"}), "method.modules_to_save",
              "\"mlp\" names model.layers.0.mlp, a group of modules", "name the modules in it one by one"},
             {llama(), saving({"v_proj"}), "method.modules_to_save",
              "model.layers.0.self_attn.q_proj, model.layers.0.self_attn.k_proj, model.layers.0.self_attn.v_proj are "
              "computed as one matrix: some of them alone cannot be trained",
              "name all of them, or none"},
             {llama(), all_saved, "method.modules_to_save",
              "all target modules are in modules_to_save: none is left for LoRA",
              "leave out some, or write method.type: full"},
             {llama(), both, "method.modules_to_save",
              "model.layers.0.self_attn.q_proj is trained whole and has LoRA matrices",
              "write its name whole in modules_to_save, or leave q_proj out of target_modules"},
             {llama(), freezing(33, {}), "method.freeze_layers", "llama-2-7b has 32 layers, not 33",
              "write at most 32"},
             {llama(), freezing(0, {"embed_tokns"}), "method.freeze_modules",
              "llama-2-7b has no module \"embed_tokns\"", "did you mean embed_tokens?"},
             {llama(), freezing(0, {"okens"}), "method.freeze_modules", "llama-2-7b has no module \"okens\"",
              "it has lm_head, for example"},
             {llama(), freezing(0, {"gate_proj"}), "method.freeze_modules",
              "model.layers.0.mlp.gate_proj, model.layers.0.mlp.up_proj are computed as one matrix: some of them alone "
              "cannot be frozen",
              "name all of them, or none"},
             {llama(), freezing(0, {"model", "lm_head"}), "method.freeze_modules",
              "every module is frozen: there is nothing to train", "leave out some"},
             {smol(), freezing(0, {"lm_head"}), "method.freeze_modules", "smollm2-135m has no module \"lm_head\"",
              "its head is its embedding: write embed_tokens"},
         }) {
        CAPTURE(wrong.message);
        const Error error = refused(wrong.shape, wrong.method);
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.path == wrong.path);
        CHECK(error.message == wrong.message);
        CHECK(error.hint == wrong.hint);
    }
}

TEST_CASE("a pattern that fits no module with matrices is refused with the nearest name") {
    const auto with = [](const char* pattern) {
        MethodSpec method = lora();
        method.target_modules = {"q_proj", "v_proj"};
        method.rank_pattern = {{"q_proj", "4"}, {pattern, "2"}};
        return method;
    };
    struct Case {
        const char *pattern, *hint;
    };
    for (const auto& [pattern, hint] : std::initializer_list<Case>{
             {"q_prjo", "did you mean q_proj?"},
             {"layers.31.self_attn.v_prj", "did you mean layers.31.self_attn.v_proj?"},
             {"layers.32.self_attn.q_proj", "did you mean layers.12.self_attn.q_proj?"},
             {"down_proj", "it adapts model.layers.0.self_attn.q_proj, for example: see method.target_modules"}}) {
        CAPTURE(pattern);
        for (const bool alpha : {false, true}) {
            MethodSpec method = with(pattern);
            if (alpha) std::swap(method.rank_pattern, method.alpha_pattern);
            const Error error = refused([&] { lora_config(llama(), method); });
            CHECK(error.kind == ErrorKind::input);
            CHECK(error.message == fmt::format("\"{}\" fits no module that LoRA adapts", pattern));
            CHECK(error.where.path == join_path(alpha ? "method.alpha_pattern" : "method.rank_pattern", pattern));
            CHECK(error.hint == hint);
        }
    }
    // What is trained whole has no matrices either.
    MethodSpec saved = with("v_proj");
    saved.modules_to_save = {"q_proj", "k_proj", "v_proj"};
    saved.target_modules = {"o_proj"};
    CHECK(refused([&] { lora_config(llama(), saved); }).message == "\"q_proj\" fits no module that LoRA adapts");
    CHECK_NOTHROW(lora_config(llama(), with("layers\\.(0|31)\\.self_attn.v_proj")));
}

TEST_CASE("adapter_config.json has PEFT's keys, and reads back") {
    MethodSpec method = saving({"lm_head"});
    method.use_dora = method.use_rslora = true;
    method.r = 4;
    method.lora_dropout = 0.25;
    method.rank_pattern = {{"v_proj", "2"}};
    method.alpha_pattern = {{"q_proj", "0.5"}, {"v_proj", "16"}};
    LoraConfig config = lora_config(llama(), method);
    config.base_model_name_or_path = "base";
    const std::string text = to_text(config);
    const Json json = Json::parse(text);
    CHECK(json["rank_pattern"].dump() == "{\"v_proj\":2}");
    CHECK(json["alpha_pattern"].dump() == "{\"q_proj\":0.5,\"v_proj\":16}");
    CHECK(json["modules_to_save"].dump() == "[\"lm_head\"]");
    CHECK(json["target_modules"].dump() == "[\"q_proj\",\"v_proj\"]");
    CHECK(json["use_dora"] == true);
    CHECK(json["use_rslora"] == true);
    LoraConfig read = read_lora_config(text, "adapter_config.json");
    read.lora_dropout = config.lora_dropout;  // of no use for a finished adapter
    CHECK(to_text(read) == text);
    CHECK(Json::parse(to_text(lora_config(llama(), lora())))["modules_to_save"].is_null());
}

TEST_CASE("an estimate counts what trains") {
    TrainingSpec spec;
    spec.model.model_name_or_path = "llama-2-7b";
    spec.method = freezing(32, {"embed_tokens"});
    CHECK(estimate(spec, llama()).trainable_parameters == 4096 + 32000 * 4096);
    spec.method = saving({"lm_head"});
    CHECK(estimate(spec, llama()).trainable_parameters == 32 * 2 * 8 * (4096 + 4096) + 32000 * 4096);
    CHECK_FALSE(estimate(spec, *find_in_catalog("mixtral-8x7b")).trainable_parameters);
}

TEST_CASE("settings of another method are told apart from those that have an effect") {
    const auto paths = [](const MethodSpec& method) {
        TrainingSpec spec;
        spec.method = method;
        std::vector<std::string> found;
        for (const Diagnostic& warning : spec::idle_settings(spec)) found.push_back(warning.where.path.substr(7));
        return found;
    };
    MethodSpec method = saving({"lm_head"});
    method.r = 4;
    method.lora_alpha = 4;
    method.lora_dropout = 0.5;
    method.target_modules = {"q_proj"};
    method.use_dora = method.use_rslora = true;
    method.rank_pattern = method.alpha_pattern = {{"v_proj", "2"}};
    method.freeze_layers = 1;
    method.freeze_modules = {"lm_head"};
    CHECK(paths(method) == std::vector<std::string>{"freeze_layers", "freeze_modules"});
    method.type = "full";
    CHECK(paths(method) == std::vector<std::string>{"alpha_pattern", "lora_alpha", "lora_dropout", "modules_to_save",
                                                    "r", "rank_pattern", "target_modules", "use_dora", "use_rslora"});
    CHECK(paths(MethodSpec{}).empty());
}
