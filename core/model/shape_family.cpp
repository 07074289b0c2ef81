// The table of families that are counted, but not trained.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/model/family.h"
#include "core/model/shape_config.h"

namespace ktrain {
namespace {

constexpr TensorNames llama_names{
    "model.",
    "embed_tokens",
    "",
    "layers",
    "norm",
    {"input_layernorm", "", "post_attention_layernorm", "", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
     "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "mlp.shared_experts.gate_proj",
     "mlp.shared_experts.up_proj", "mlp.shared_experts.down_proj"}};

constexpr TensorNames qwen_moe_names{
    "model.",
    "embed_tokens",
    "",
    "layers",
    "norm",
    {"input_layernorm", "", "post_attention_layernorm", "", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
     "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "mlp.shared_expert.gate_proj",
     "mlp.shared_expert.up_proj", "mlp.shared_expert.down_proj"}};

constexpr TensorNames gemma_names{
    "model.",
    "embed_tokens",
    "",
    "layers",
    "norm",
    {"input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm",
     "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj",
     "mlp.down_proj"}};

constexpr TensorNames baichuan_names{"model.",
                                     "embed_tokens",
                                     "",
                                     "layers",
                                     "norm",
                                     {"input_layernorm", "", "post_attention_layernorm", "", "self_attn.W_pack", "", "",
                                      "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}};

constexpr TensorNames bloom_names{
    "transformer.",
    "word_embeddings",
    "",
    "h",
    "ln_f",
    {"input_layernorm", "", "post_attention_layernorm", "", "self_attention.query_key_value", "", "",
     "self_attention.dense", "", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h"}};

constexpr TensorNames bigcode_names{
    "transformer.", "wte",
    "wpe",          "h",
    "ln_f",         {"ln_1", "", "ln_2", "", "attn.c_attn", "", "", "attn.c_proj", "", "mlp.c_fc", "mlp.c_proj"}};

constexpr TensorNames gptj_names{
    "transformer.",
    "wte",
    "",
    "h",
    "ln_f",
    {"ln_1", "", "", "", "attn.q_proj", "attn.k_proj", "attn.v_proj", "attn.out_proj", "", "mlp.fc_in", "mlp.fc_out"}};

constexpr TensorNames neox_names{"gpt_neox.",
                                 "embed_in",
                                 "",
                                 "layers",
                                 "final_layer_norm",
                                 {"input_layernorm", "", "post_attention_layernorm", "", "attention.query_key_value",
                                  "", "", "attention.dense", "", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h"}};

constexpr TensorNames phi_names{"model.",
                                "embed_tokens",
                                "",
                                "layers",
                                "final_layernorm",
                                {"input_layernorm", "", "", "", "self_attn.q_proj", "self_attn.k_proj",
                                 "self_attn.v_proj", "self_attn.dense", "", "mlp.fc1", "mlp.fc2"}};

constexpr TensorNames qwen_names{
    "transformer.",
    "wte",
    "",
    "h",
    "ln_f",
    {"ln_1", "", "ln_2", "", "attn.c_attn", "", "", "attn.c_proj", "mlp.w1", "mlp.w2", "mlp.c_proj"}};

// Of the encoder.
constexpr TensorNames t5_names{
    "encoder.",
    "embed_tokens",
    "",
    "block",
    "final_layer_norm",
    {"layer.0.layer_norm", "", "layer.1.layer_norm", "", "layer.0.SelfAttention.q", "layer.0.SelfAttention.k",
     "layer.0.SelfAttention.v", "layer.0.SelfAttention.o", "layer.1.DenseReluDense.wi_0", "layer.1.DenseReluDense.wi_1",
     "layer.1.DenseReluDense.wo"}};

constexpr ConfigKeys gpt2_keys{
    .hidden = "n_embd", .layers = "n_layer", .heads = "n_head", .inner = "n_inner", .positions = "n_positions"};
constexpr ConfigKeys t5_keys{.hidden = "d_model",
                             .layers = "num_layers",
                             .heads = "num_heads",
                             .inner = "d_ff",
                             .positions = "",
                             .head_dim = "d_kv"};

constexpr Family gemma3{.name = "gemma3",
                        .class_name = "Gemma3",
                        .names = &gemma_names,
                        .qk_norm = true,
                        .sandwich = true,
                        .says_attention_bias = true,
                        .tied = true,
                        .head_dim = 256,
                        .heads = 8,
                        .vocab = 262208,
                        .kv_heads = 4,
                        .positions = 131072};

constexpr Family renamed(Family family, std::string_view name) {
    family.name = name;
    return family;
}

constexpr Family deepseek{
    .name = "deepseek_v3", .class_name = "DeepseekV3", .names = &llama_names, .says_attention_bias = true};

constexpr Family t5{.name = "t5", .class_name = "T5", .names = &t5_names, .keys = t5_keys, .tied = true};

// "qwen" is the first generation, whose config has other meanings: it is in the catalog alone.
constexpr std::array table{
    ShapeFamily{{.name = "baichuan", .class_name = "Baichuan", .names = &baichuan_names}},
    ShapeFamily{{.name = "bloom",
                 .class_name = "Bloom",
                 .names = &bloom_names,
                 .keys = {.hidden = "n_embed|hidden_size",
                          .layers = "n_layer|num_hidden_layers",
                          .heads = "num_attention_heads|n_head",
                          .inner = "n_inner",
                          .positions = ""},
                 .all_bias = true,
                 .gated = false,
                 .layer_norm = true,
                 .embedding_norm = true,
                 .inner_by_four = true,
                 .tied = true}},
    ShapeFamily{renamed(deepseek, "deepseek_v2"), "", shape_config::read_deepseek},
    ShapeFamily{deepseek, "", shape_config::read_deepseek},
    ShapeFamily{{.name = "falcon",
                 .class_name = "Falcon",
                 .names = &bloom_names,
                 .keys = {.layers = "num_hidden_layers|n_layer",
                          .heads = "num_attention_heads|n_head",
                          .inner = "ffn_hidden_size",
                          .kv_heads = "num_kv_heads|n_head_kv"},
                 .gated = false,
                 .layer_norm = true,
                 .inner_by_four = true,
                 .tied = true},
                "",
                shape_config::read_falcon},
    ShapeFamily{{.name = "gemma",
                 .class_name = "Gemma",
                 .names = &llama_names,
                 .says_attention_bias = true,
                 .tied = true,
                 .head_dim = 256,
                 .kv_heads = 16,
                 .positions = 8192}},
    ShapeFamily{gemma3, "text_config", shape_config::read_gemma3},
    ShapeFamily{renamed(gemma3, "gemma3_text")},
    ShapeFamily{{.name = "gpt_bigcode",
                 .class_name = "GPTBigCode",
                 .names = &bigcode_names,
                 .keys = gpt2_keys,
                 .all_bias = true,
                 .gated = false,
                 .layer_norm = true,
                 .inner_by_four = true,
                 .learned_positions = true,
                 .tied = true,
                 .positions = 1024},
                "",
                shape_config::read_bigcode},
    ShapeFamily{{.name = "gpt_neox",
                 .class_name = "GPTNeoX",
                 .names = &neox_names,
                 .all_bias = true,
                 .gated = false,
                 .layer_norm = true,
                 .positions = 2048},
                "",
                shape_config::read_neox},
    ShapeFamily{{.name = "gpt_oss",
                 .class_name = "GptOss",
                 .names = &llama_names,
                 .head_dim = 64,
                 .kv_heads = 8,
                 .positions = 131072},
                "",
                shape_config::read_gpt_oss},
    ShapeFamily{{.name = "gptj",
                 .class_name = "GPTJ",
                 .names = &gptj_names,
                 .keys = gpt2_keys,
                 .gated = false,
                 .layer_norm = true,
                 .one_norm = true,
                 .mlp_bias = true,
                 .head_bias = true,
                 .inner_by_four = true,
                 .positions = 2048}},
    ShapeFamily{{.name = "mixtral", .class_name = "Mixtral", .names = &llama_names, .kv_heads = 8, .positions = 131072},
                "",
                shape_config::read_mixtral},
    ShapeFamily{renamed(t5, "mt5"), "", shape_config::read_t5},
    ShapeFamily{{.name = "phi",
                 .class_name = "Phi",
                 .names = &phi_names,
                 .all_bias = true,
                 .gated = false,
                 .layer_norm = true,
                 .one_norm = true,
                 .head_bias = true,
                 .positions = 2048},
                "",
                shape_config::read_phi},
    ShapeFamily{{.name = "qwen2_moe", .class_name = "Qwen2Moe", .names = &qwen_moe_names, .kv_heads = 16},
                "",
                shape_config::read_qwen_moe},
    ShapeFamily{{.name = "qwen3_moe",
                 .class_name = "Qwen3Moe",
                 .names = &qwen_moe_names,
                 .qk_norm = true,
                 .says_attention_bias = true,
                 .kv_heads = 4},
                "",
                shape_config::read_qwen_moe},
    ShapeFamily{{.name = "smollm3",
                 .class_name = "SmolLM3",
                 .names = &llama_names,
                 .says_attention_bias = true,
                 .says_mlp_bias = true,
                 .tied = true,
                 .kv_heads = 4,
                 .positions = 32768}},
    ShapeFamily{{.name = "stablelm",
                 .class_name = "StableLm",
                 .names = &llama_names,
                 .layer_norm = true,
                 .kv_heads = 32,
                 .positions = 4096},
                "",
                shape_config::read_stablelm},
    ShapeFamily{t5, "", shape_config::read_t5},
};
static_assert(std::ranges::is_sorted(table, {}, [](const ShapeFamily& row) { return row.family.name; }));

// Rows of models.csv whose configs are not read: what their layers are called.
constexpr std::array by_catalog{Family{.name = "qwen", .class_name = "QWen", .names = &qwen_names}};

}  // namespace

std::span<const ShapeFamily> shape_families() {
    return table;
}

const ShapeFamily* find_shape_family(std::string_view name) {
    const auto row = std::ranges::find(table, name, [](const ShapeFamily& entry) { return entry.family.name; });
    return row == table.end() ? nullptr : &*row;
}

const Family* find_any_family(std::string_view name) {
    if (const Family* family = find_family(name)) return family;
    if (const ShapeFamily* row = find_shape_family(name)) return &row->family;
    const auto row = std::ranges::find(by_catalog, name, &Family::name);
    return row == by_catalog.end() ? nullptr : &*row;
}

std::string any_family_list() {
    std::vector<std::string> names;
    for (const Family& family : families()) names.emplace_back(family.name);
    for (const ShapeFamily& row : table) names.emplace_back(row.family.name);
    std::ranges::sort(names);
    return join(names, ", ");
}

}  // namespace ktrain
