// Reading config.json: families, defaults, and everything that can be wrong with one.
#include <doctest/doctest.h>

#include "core/base/json.h"
#include "core/model/catalog.h"
#include "core/model/find.h"
#include "core/model/hf_config.h"
#include "tests/support/specs.h"
#include "tests/support/worlds.h"

using namespace ktrain;

namespace {

Json llama() {
    return Json::parse(R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000,
        "torch_dtype": "float16"})");
}

ModelShape read(const Json& config) {
    return read_hf_config(config.dump(), "config.json", "test");
}

// The message of the refusal, with the key it is about in front.
std::string refusal(const std::string& text) {
    try {
        read_hf_config(text, "config.json", "test");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.file == "config.json");
        return error.where.path + ": " + error.message;
    }
    return "accepted";
}

std::string refusal(const char* key, const Json& value) {
    Json config = llama();
    config[key] = value;
    return refusal(config.dump());
}

}  // namespace

TEST_CASE("a config gives the count of its catalog row") {
    CHECK(read(llama()).parameters == 6738415616);
    CHECK(read(llama()).dtype == "float16");
    const Json qwen2 = Json::parse(R"({"model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864,
        "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": 151936,
        "tie_word_embeddings": true, "dtype": "bfloat16"})");
    CHECK(read(qwen2).parameters == find_in_catalog("qwen2.5-0.5b")->parameters);
    CHECK(read(qwen2).dtype == "bfloat16");
    const Json qwen3 = Json::parse(R"({"model_type": "qwen3", "hidden_size": 2560, "intermediate_size": 9728,
        "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 151936,
        "tie_word_embeddings": true})");
    // head_dim is 128 whatever hidden_size / heads gives
    CHECK(read(qwen3).head_dim == 128);
    CHECK(read(qwen3).parameters == find_in_catalog("qwen3-4b")->parameters);
}

TEST_CASE("null and absent keys are the same, and as the family's code has them") {
    Json config = llama();
    config["num_key_value_heads"] = nullptr;
    config["head_dim"] = nullptr;
    CHECK(read(config).kv_heads == 32);
    CHECK(read(config).head_dim == 128);
    config["head_dim"] = 64;
    CHECK(read(config).head_dim == 64);
    config["model_type"] = "mistral";
    config.erase("num_key_value_heads");
    CHECK(read(config).kv_heads == 8);
}

TEST_CASE("biases count where the family reads them") {
    Json config = llama();
    config["attention_bias"] = true;
    config["mlp_bias"] = true;
    CHECK(read(config).parameters == 6738415616 + 32 * (4 * 4096 + 2 * 11008 + 4096));
}

TEST_CASE("bad configs are refused with their key") {
    CHECK(refusal("").find("accepted") == std::string::npos);
    CHECK(refusal("{\"model_type\": ") != "accepted");
    CHECK(refusal(std::string("\x7f"
                              "ELF\0\1",
                              6)) != "accepted");
    CHECK(refusal("[]") == ": a model's config must be a JSON object");
    CHECK(refusal("{}") == "model_type: model_type is missing: this is no config.json of a Hugging Face model");
    CHECK(refusal("model_type", "bert") == "model_type: the family \"bert\" is not known");
    CHECK(refusal("hidden_size", -4096) ==
          "hidden_size: hidden_size must be a whole number from 1 to 16777216, got -4096");
    CHECK(refusal("hidden_size", 0).starts_with("hidden_size: "));
    CHECK(refusal("hidden_size", 4096.5).ends_with("got 4096.5"));
    CHECK(refusal("hidden_size", "4096").ends_with("got \"4096\""));
    CHECK(refusal("hidden_size", std::uint64_t{18446744073709551615u}).starts_with("hidden_size: "));
    CHECK(refusal("num_hidden_layers", 5000).starts_with("num_hidden_layers: "));
    CHECK(refusal("vocab_size", nullptr) == "vocab_size: vocab_size is missing");
    CHECK(refusal("num_key_value_heads", 5).starts_with("num_key_value_heads: num_attention_heads 32 does not divide"));
    CHECK(refusal("num_attention_heads", 31) != "accepted");
    CHECK(refusal("tie_word_embeddings", 1).starts_with("tie_word_embeddings: "));
}

TEST_CASE("sizes at every limit are counted or refused, never wrapped") {
    Json config = llama();
    config.update(Json{{"hidden_size", 16777216},
                       {"intermediate_size", 16777216},
                       {"num_hidden_layers", 4096},
                       {"num_attention_heads", 65536},
                       {"num_key_value_heads", 65536},
                       {"head_dim", 65536}});
    CHECK(refusal(config.dump()).find("too large") != std::string::npos);
}

TEST_CASE("models are found on disk, in the catalog, by the end of a path, by a count") {
    test::MemoryFiles files;
    files.contents["/models/own/config.json"] = llama().dump();
    const auto find = [&](const std::string& name) { return find_model(test::model(name), files); };
    CHECK(find("/models/own").source == "config.json");
    CHECK(find("/models/own/").parameters == 6738415616);
    CHECK(find("/models/own/config.json").parameters == 6738415616);
    CHECK(find("llama-2-7b").source == "catalog");
    CHECK(find("/nowhere/llama-2-7b-hf").name == "llama-2-7b");
    CHECK(find("/nowhere/llama-2-7b-hf").note.find("not on this machine") != std::string::npos);
    CHECK(find("7B").parameters == 7000000000);
    CHECK(find("1.5b").parameters == 1500000000);
    files.contents["/models/empty/README.md"] = "";
    CHECK_THROWS_AS(find("/models/empty"), Error);
    files.contents["/models/huge/config.json"] = std::string(2 << 20, ' ');
    CHECK_THROWS_AS(find("/models/huge"), Error);
    CHECK_THROWS_AS(find(""), Error);
    for (const char* name : {"b", "-7B", "0B", "7..B", "nanB", "1e99B", "99999999999B"})
        CHECK_THROWS_AS(find(name), Error);
}

TEST_CASE("an unknown model is named with the nearest") {
    try {
        find_model(test::model("llama2-7b"), test::MemoryFiles{});
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.message == "unknown model \"llama2-7b\"");
        CHECK(error.hint == "did you mean llama-2-7b?");
    }
}

TEST_CASE("simple_cnn has the parameters of the handbook's network") {
    const ModelShape shape = find_model(test::simple_cnn(), test::MemoryFiles{});
    // 3*32*9+32 + 32*64*9+64 + 64*128*9+128 + 128*10+10
    CHECK(shape.parameters == 94538);
    CHECK(find_model(test::simple_cnn(1), test::MemoryFiles{}).parameters == 93962);
}
