// Experts, latent attention and the switches of single families.
#include "core/model/shape_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/model/config_limits.h"
#include "core/model/count.h"

namespace ktrain::shape_config {
namespace {

constexpr std::int64_t most_experts = 1 << 16;

// A size that may be 0.
std::int64_t count_or(const ConfigReader& config, std::string_view key, std::int64_t most, std::int64_t fallback) {
    return config.has(key) && config.number_or(key, 1) == 0 ? 0 : config.size_or(key, most, fallback);
}

void read_experts(const ConfigReader& config, std::string_view count, std::string_view width, ModelShape& shape) {
    shape.experts = config.size(count, most_experts);
    shape.experts_per_token = config.size("num_experts_per_tok", most_experts);
    shape.expert_ffn = config.size(width, config_limits::width);
    if (shape.experts_per_token > shape.experts)
        config.fail("num_experts_per_tok", fmt::format("num_experts_per_tok {} is more than {} {}",
                                                       shape.experts_per_token, count, shape.experts));
}

// Counts are the same wherever the layers without experts are: they are taken for the leading ones.
void keep_dense(std::int64_t layers, ModelShape& shape) {
    shape.dense_layers = layers;
    if (layers < shape.layers) return;
    shape.experts = shape.experts_per_token = shape.expert_ffn = shape.shared_experts = shape.shared_ffn = 0;
    shape.dense_layers = 0;
    shape.router_bias = shape.shared_gate = false;
}

void refuse_head_norms(const ConfigReader& config) {
    if (config.flag_or("qk_layernorm", false))
        config.fail("qk_layernorm", "norms on queries and keys of this family are not counted here",
                    "use a catalog model of a similar size");
}

}  // namespace

void read_bigcode(const ConfigReader& config, ModelShape& shape) {
    if (config.flag_or("multi_query", true)) shape.kv_heads = 1;
}

void read_deepseek(const ConfigReader& config, ModelShape& shape) {
    LatentAttention& latent = shape.latent;
    latent.q_rank = config.size_or("q_lora_rank", config_limits::width, 0);  // null: none
    latent.kv_rank = config.size("kv_lora_rank", config_limits::width);
    latent.rope_dim = config.size("qk_rope_head_dim", config_limits::heads);
    latent.value_dim = config.size("v_head_dim", config_limits::heads);
    shape.head_dim = sum({config.size("qk_nope_head_dim", config_limits::heads), latent.rope_dim});
    shape.kv_heads = 0;
    if (!config.has("n_routed_experts")) return;
    read_experts(config, "n_routed_experts", "moe_intermediate_size", shape);
    shape.shared_experts = count_or(config, "n_shared_experts", most_experts, 0);
    shape.shared_ffn = product({shape.shared_experts, shape.expert_ffn});
    // What version 3 adds to a router's scores.
    shape.router_bias = shape.family == "deepseek_v3";
    const std::int64_t first = count_or(config, "first_k_dense_replace", config_limits::layers, 0);
    const std::int64_t step = config.size_or("moe_layer_freq", config_limits::layers, 1);
    std::int64_t dense = 0;
    for (std::int64_t i = 0; i < shape.layers; ++i) dense += i < first || i % step != 0 ? 1 : 0;
    keep_dense(dense, shape);
    if (count_or(config, "num_nextn_predict_layers", config_limits::layers, 0) > 0)
        shape.note = "the module that predicts several tokens at once is not counted";
}

void read_falcon(const ConfigReader& config, ModelShape& shape) {
    const bool newer = config.flag_or("new_decoder_architecture", false);
    if (!newer) shape.kv_heads = config.flag_or("multi_query", true) ? 1 : shape.heads;
    shape.parallel_block = newer || config.flag_or("parallel_attn", true);
    if (shape.parallel_block) shape.norms_per_layer = newer ? config.size_or("num_ln_in_parallel_attn", 2, 2) : 1;
    shape.qkv_bias = shape.out_bias = shape.mlp_bias = config.flag_or("bias", false);
}

void read_gemma3(const ConfigReader&, ModelShape& shape) {
    shape.note = "the model of texts only: the tower for images is not counted";
}

void read_gpt_oss(const ConfigReader& config, ModelShape& shape) {
    read_experts(config, "num_local_experts", "intermediate_size", shape);
    shape.ffn = 0;
    shape.qkv_bias = shape.out_bias = config.flag_or("attention_bias", true);
    shape.mlp_bias = shape.router_bias = shape.attention_sinks = true;
}

void read_mixtral(const ConfigReader& config, ModelShape& shape) {
    read_experts(config, "num_local_experts", "intermediate_size", shape);
}

void read_neox(const ConfigReader& config, ModelShape& shape) {
    shape.parallel_block = config.flag_or("use_parallel_residual", true);
    shape.qkv_bias = shape.out_bias = config.flag_or("attention_bias", true);
}

void read_phi(const ConfigReader& config, ModelShape&) {
    refuse_head_norms(config);
}

void read_qwen_moe(const ConfigReader& config, ModelShape& shape) {
    read_experts(config, config.has("num_experts") ? "num_experts" : "num_local_experts", "moe_intermediate_size",
                 shape);
    if (shape.family == "qwen2_moe") {
        shape.shared_experts = 1;
        shape.shared_ffn = config.size_or("shared_expert_intermediate_size", config_limits::width, 5632);
        shape.shared_gate = true;
        shape.qkv_bias = config.flag_or("qkv_bias", true);
    }
    const std::int64_t step = config.size_or("decoder_sparse_step", config_limits::layers, 1);
    const std::vector<double> dense_ones = config.numbers("mlp_only_layers");
    std::int64_t dense = 0;
    for (std::int64_t i = 0; i < shape.layers; ++i) {
        const bool named = std::ranges::find(dense_ones, static_cast<double>(i)) != dense_ones.end();
        dense += named || (i + 1) % step != 0 ? 1 : 0;
    }
    keep_dense(dense, shape);
}

void read_stablelm(const ConfigReader& config, ModelShape& shape) {
    refuse_head_norms(config);
    shape.qkv_bias = config.flag_or("use_qkv_bias", false);
    shape.parallel_block = config.flag_or("use_parallel_residual", false);
    if (shape.parallel_block) shape.norms_per_layer = 1;
}

void read_t5(const ConfigReader& config, ModelShape& shape) {
    const std::string usual = shape.family == "t5" ? "relu" : "gated-gelu";
    const std::string mlp = config.text("feed_forward_proj");
    shape.gated = (mlp.empty() ? usual : mlp).starts_with("gated");
    shape.encoder_decoder = true;
    shape.position_buckets = config.size_or("relative_attention_num_buckets", config_limits::width, 32);
    const std::int64_t behind = config.size_or("num_decoder_layers", config_limits::layers, shape.layers);
    if (behind != shape.layers)
        config.fail(
            "num_decoder_layers",
            fmt::format("a decoder of {} layers behind an encoder of {} is not counted here", behind, shape.layers),
            "use a catalog model of a similar size");
}

}  // namespace ktrain::shape_config
