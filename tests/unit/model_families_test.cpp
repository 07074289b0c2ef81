// Configs of families that are counted but not trained, and what is not read of them.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/model/catalog.h"
#include "core/model/decoder.h"
#include "core/model/family.h"
#include "core/model/hf_config.h"
#include "core/model/parameters.h"

using namespace ktrain;

namespace {

// The keys of published configs that say what shape a model has; a count where it is in no row of the catalog.
struct Published {
    const char* id;
    const char* config;
    std::int64_t count = 0;
};

const Published published[] = {
    {"baichuan-13b", R"({"model_type": "baichuan", "hidden_size": 5120, "intermediate_size": 13696,
        "num_attention_heads": 40, "num_hidden_layers": 40, "vocab_size": 64000, "model_max_length": 4096,
        "tie_word_embeddings": false})"},
    {"bloomz-7b1", R"({"model_type": "bloom", "n_embed": 4096, "n_layer": 30, "num_attention_heads": 32,
        "vocab_size": 250880, "seq_length": 2048})"},
    {"deepseek-v3", R"({"model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432,
        "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128, "vocab_size": 129280,
        "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
        "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8, "moe_intermediate_size": 2048,
        "first_k_dense_replace": 3, "moe_layer_freq": 1, "num_nextn_predict_layers": 1, "attention_bias": false})"},
    {"deepseek-v2-lite", R"({"model_type": "deepseek_v2", "hidden_size": 2048, "intermediate_size": 10944,
        "num_hidden_layers": 27, "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 102400,
        "q_lora_rank": null, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
        "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6, "moe_intermediate_size": 1408,
        "first_k_dense_replace": 1, "moe_layer_freq": 1, "attention_bias": false})",
     15706484224},
    {"falcon-7b", R"({"model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71,
        "num_kv_heads": 71, "vocab_size": 65024, "multi_query": true, "new_decoder_architecture": false,
        "parallel_attn": true, "bias": false})"},
    {"falcon-40b", R"({"model_type": "falcon", "hidden_size": 8192, "num_hidden_layers": 60, "num_attention_heads": 128,
        "num_kv_heads": 8, "vocab_size": 65024, "multi_query": true, "new_decoder_architecture": true,
        "parallel_attn": true, "bias": false})",
     41303293952},
    {"gemma-2b", R"({"model_type": "gemma", "hidden_size": 2048, "intermediate_size": 16384, "num_hidden_layers": 18,
        "num_attention_heads": 8, "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 256000})"},
    {"gemma-3-1b", R"({"model_type": "gemma3_text", "hidden_size": 1152, "intermediate_size": 6912, "head_dim": 256,
        "num_hidden_layers": 26, "num_attention_heads": 4, "num_key_value_heads": 1, "vocab_size": 262144,
        "sliding_window": 512, "sliding_window_pattern": 6, "max_position_embeddings": 32768})"},
    {"gemma-3-4b", R"({"model_type": "gemma3", "text_config": {"model_type": "gemma3_text", "hidden_size": 2560,
        "intermediate_size": 10240, "num_hidden_layers": 34, "sliding_window": 1024, "vocab_size": 262144},
        "vision_config": {"hidden_size": 1152}})"},
    {"gpt-j-6b", R"({"model_type": "gptj", "n_embd": 4096, "n_layer": 28, "n_head": 16, "n_inner": null,
        "n_positions": 2048, "vocab_size": 50400, "tie_word_embeddings": false})"},
    {"gpt-oss-20b", R"({"model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64,
        "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 201088,
        "num_local_experts": 32, "num_experts_per_tok": 4, "sliding_window": 128, "attention_bias": true})"},
    {"stablelm-base-alpha-3b", R"({"model_type": "gpt_neox", "hidden_size": 4096, "intermediate_size": 16384,
        "num_hidden_layers": 16, "num_attention_heads": 32, "vocab_size": 50688, "use_parallel_residual": true,
        "tie_word_embeddings": false})"},
    {"pythia-6.9b", R"({"model_type": "gpt_neox", "hidden_size": 4096, "intermediate_size": 16384,
        "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 50432, "use_parallel_residual": true,
        "tie_word_embeddings": false})",
     6857302016},
    {"mixtral-8x7b", R"({"model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000,
        "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": null})"},
    {"phi-1.5", R"({"model_type": "phi", "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 24,
        "num_attention_heads": 32, "num_key_value_heads": null, "vocab_size": 51200, "qk_layernorm": false})"},
    {"qwen1.5-moe-a2.7b", R"({"model_type": "qwen2_moe", "hidden_size": 2048, "intermediate_size": 5632,
        "num_hidden_layers": 24, "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 151936,
        "num_experts": 60, "num_experts_per_tok": 4, "moe_intermediate_size": 1408,
        "shared_expert_intermediate_size": 5632, "decoder_sparse_step": 1, "use_sliding_window": false})",
     14315784192},
    {"qwen3-30b-a3b", R"({"model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144, "head_dim": 128,
        "num_hidden_layers": 48, "num_attention_heads": 32, "num_key_value_heads": 4, "vocab_size": 151936,
        "num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768, "mlp_only_layers": []})"},
    {"smollm3-3b", R"({"model_type": "smollm3", "hidden_size": 2048, "intermediate_size": 11008,
        "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4, "vocab_size": 128256})"},
    {"stablelm-2-1.6b", R"({"model_type": "stablelm", "hidden_size": 2048, "intermediate_size": 5632,
        "num_hidden_layers": 24, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 100352,
        "use_qkv_bias": true, "tie_word_embeddings": false})"},
    {"starcoder-15.5b", R"({"model_type": "gpt_bigcode", "n_embd": 6144, "n_layer": 40, "n_head": 48,
        "n_inner": 24576, "n_positions": 8192, "vocab_size": 49152, "multi_query": true})"},
    {"t0-3b", R"({"model_type": "t5", "d_model": 2048, "d_kv": 64, "d_ff": 5120, "num_layers": 24,
        "num_decoder_layers": 24, "num_heads": 32, "vocab_size": 32128, "feed_forward_proj": "gated-gelu",
        "tie_word_embeddings": false})"},
    {"mt0-xxl", R"({"model_type": "mt5", "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24,
        "num_heads": 64, "vocab_size": 250112, "tie_word_embeddings": false})"},
};

ModelShape read(const std::string& config) {
    return read_hf_config(config, "config.json", "test");
}

Json config_of(std::string_view id) {
    for (const Published& model : published)
        if (model.id == id) return Json::parse(model.config);
    FAIL("no such config");
    return {};
}

ModelShape changed(std::string_view id, const Json& changes) {
    Json config = config_of(id);
    config.update(changes);
    return read(config.dump());
}

std::string refusal(std::string_view id, const Json& changes) {
    try {
        changed(id, changes);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.file == "config.json");
        return error.where.path + ": " + error.message;
    }
    return "accepted";
}

}  // namespace

TEST_CASE("the configs of families that are only counted give the published counts") {
    for (const Published& model : published) {
        const ModelShape shape = read(model.config);
        if (model.count > 0) {
            CHECK_MESSAGE(shape.parameters == model.count, model.id);
            continue;
        }
        const ModelShape row = *find_in_catalog(model.id);
        CHECK_MESSAGE(shape.parameters == row.parameters, model.id);
        CHECK_MESSAGE(active_parameters(shape) == active_parameters(row), model.id);
        CHECK_MESSAGE(kv_bytes_per_token(shape, 2) == kv_bytes_per_token(row, 2), model.id);
        CHECK_MESSAGE(kv_bytes(shape, 100000, 2) == kv_bytes(row, 100000, 2), model.id);
        CHECK_MESSAGE(shape.parallel_block == row.parallel_block, model.id);
        CHECK_MESSAGE(shape.fused_qkv == row.fused_qkv, model.id);
        CHECK_MESSAGE(shape.fused_gate_up == row.fused_gate_up, model.id);
        CHECK_MESSAGE(linear_modules(shape).front().name == linear_modules(row).front().name, model.id);
    }
}

TEST_CASE("every family of the table is read from a config here") {
    for (const ShapeFamily& row : shape_families()) {
        const auto reads = [&](const Published& model) {
            return Json::parse(model.config)["model_type"] == row.family.name;
        };
        CHECK_MESSAGE(std::ranges::any_of(published, reads), row.family.name);
    }
}

TEST_CASE("layers without experts are counted wherever they are") {
    const std::int64_t all = read(config_of("qwen3-30b-a3b").dump()).parameters;
    const std::int64_t sparse = 128LL * 3 * 2048 * 768 + 128 * 2048, dense = 3LL * 2048 * 6144;
    CHECK(changed("qwen3-30b-a3b", {{"mlp_only_layers", {0, 47}}}).parameters == all - 2 * (sparse - dense));
    CHECK(changed("qwen3-30b-a3b", {{"decoder_sparse_step", 2}}).parameters == all - 24 * (sparse - dense));
    const ModelShape none = changed("deepseek-v3", {{"first_k_dense_replace", 61}});
    CHECK(none.experts == 0);
    CHECK(active_parameters(none) == none.parameters);
    CHECK(changed("deepseek-v3", {{"first_k_dense_replace", 0}}).dense_layers == 0);
}

TEST_CASE("what such a config says wrong is named with its key") {
    CHECK(refusal("mixtral-8x7b", {{"num_experts_per_tok", 9}}) ==
          "num_experts_per_tok: num_experts_per_tok 9 is more than num_local_experts 8");
    CHECK(refusal("mixtral-8x7b", {{"num_local_experts", nullptr}}) ==
          "num_local_experts: num_local_experts is missing");
    CHECK(refusal("mixtral-8x7b", {{"num_local_experts", 1 << 20}}).starts_with("num_local_experts: "));
    CHECK(refusal("deepseek-v3", {{"kv_lora_rank", nullptr}}) == "kv_lora_rank: kv_lora_rank is missing");
    CHECK(refusal("gemma-3-4b", {{"text_config", {{"hidden_size", 2560}}}}) ==
          "text_config.num_hidden_layers: text_config.num_hidden_layers is missing");
    CHECK(refusal("gemma-3-4b", {{"text_config", 1}}).starts_with("text_config: "));
    CHECK(refusal("phi-1.5", {{"qk_layernorm", true}}).starts_with("qk_layernorm: "));
    CHECK(refusal("t0-3b", {{"num_decoder_layers", 12}}) ==
          "num_decoder_layers: a decoder of 12 layers behind an encoder of 24 is not counted here");
    CHECK(refusal("gpt-oss-20b", {{"layer_types", {"full_attention"}}}) ==
          "layer_types: layer_types has 1 entries for 24 layers");
    CHECK(refusal("bloomz-7b1", {{"n_embed", nullptr}}) == "n_embed: n_embed is missing");
}

TEST_CASE("a family that is not known is refused with those that are") {
    try {
        changed("phi-1.5", {{"model_type", "mamba"}});
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.message == "the family \"mamba\" is not known");
        CHECK(
            error.hint ==
            "families that are read: baichuan, bloom, deepseek_v2, deepseek_v3, falcon, gemma, gemma2, gemma3, "
            "gemma3_text, gpt2, gpt_bigcode, gpt_neox, gpt_oss, gptj, llama, mistral, mixtral, mt5, phi, phi3, qwen2, "
            "qwen2_moe, qwen3, qwen3_moe, smollm3, stablelm, t5; other models by their catalog name");
    }
}

TEST_CASE("the trainer refuses a family that is only counted, in its own words") {
    for (const Published& model : published) {
        Json config = Json::parse(model.config);
        config.erase("vocab_size");
        try {
            read_decoder_config(config.dump(), "config.json", "test");
            FAIL("accepted");
        } catch (const Error& error) {
            const std::string family = config["model_type"];
            CHECK(error.kind == ErrorKind::input);
            CHECK(error.where.path == "model_type");
            CHECK(error.message == "models of the family \"" + family + "\" are not trained here");
            CHECK(error.hint == "families that are: gemma2, gpt2, llama, mistral, phi3, qwen2, qwen3");
        }
    }
}

TEST_CASE("windows of trained families are in their shapes") {
    const Json gemma2 = Json::parse(R"({"model_type": "gemma2", "hidden_size": 2304, "intermediate_size": 9216,
        "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
        "vocab_size": 256000})");
    const ModelShape shape = read(gemma2.dump());
    CHECK(shape.parameters == find_in_catalog("gemma-2-2b")->parameters);
    CHECK(shape.sliding_window == 4096);
    CHECK(shape.sliding_layers == 13);
    CHECK(shape.max_positions == 8192);
    const DecoderConfig decoder = read_decoder_config(gemma2.dump(), "config.json", "test");
    CHECK(decoder.windows[0] == 4096);
    CHECK(decoder.windows[1] == 0);
    CHECK(decoder.positions == 8192);
}
