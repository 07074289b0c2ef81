// The table of families.
#include "core/model/family.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr TensorNames llama_names{
    "model.",
    "embed_tokens",
    "",
    "layers",
    "norm",
    {"input_layernorm", "", "post_attention_layernorm", "", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
     "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}};

constexpr TensorNames gemma_names{
    "model.",
    "embed_tokens",
    "",
    "layers",
    "norm",
    {"input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm",
     "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj",
     "mlp.down_proj"}};

constexpr TensorNames phi_names{"model.",
                                "embed_tokens",
                                "",
                                "layers",
                                "norm",
                                {"input_layernorm", "", "post_attention_layernorm", "", "self_attn.qkv_proj", "", "",
                                 "self_attn.o_proj", "", "mlp.gate_up_proj", "mlp.down_proj"}};

constexpr TensorNames gpt2_names{
    "transformer.", "wte",
    "wpe",          "h",
    "ln_f",         {"ln_1", "", "ln_2", "", "attn.c_attn", "", "", "attn.c_proj", "", "mlp.c_fc", "mlp.c_proj"}};

constexpr std::array table{
    Family{.name = "gemma2",
           .class_name = "Gemma2",
           .names = &gemma_names,
           .keys = {.activation = "hidden_activation"},
           .sandwich = true,
           .says_attention_bias = true,
           .tied = true,
           .head_dim = 256,
           .kv_heads = 4,
           .positions = 8192},
    Family{
        .name = "gpt2",
        .class_name = "GPT2",
        .names = &gpt2_names,
        .keys = {"n_embd", "n_layer", "n_head", "n_inner", "n_positions", "layer_norm_epsilon", "activation_function"},
        .all_bias = true,
        .gated = false,
        .fused = true,
        .layer_norm = true,
        .inner_by_four = true,
        .transposed = true,
        .learned_positions = true,
        .tied = true,
        .positions = 1024,
        .norm_epsilon = 1e-5},
    Family{.name = "llama",
           .class_name = "Llama",
           .names = &llama_names,
           .says_attention_bias = true,
           .says_mlp_bias = true,
           .positions = 2048},
    Family{.name = "mistral", .class_name = "Mistral", .names = &llama_names, .kv_heads = 8, .positions = 131072},
    Family{.name = "phi3",
           .class_name = "Phi3",
           .names = &phi_names,
           .fused = true,
           .positions = 4096,
           .norm_epsilon = 1e-5},
    Family{.name = "qwen2",
           .class_name = "Qwen2",
           .names = &llama_names,
           .qkv_bias = true,
           .kv_heads = 32,
           .positions = 32768},
    Family{.name = "qwen3",
           .class_name = "Qwen3",
           .names = &llama_names,
           .qk_norm = true,
           .says_attention_bias = true,
           .head_dim = 128,
           .kv_heads = 32,
           .positions = 32768},
};
static_assert(std::ranges::is_sorted(table, {}, &Family::name));

}  // namespace

std::span<const Family> families() {
    return table;
}

const Family* find_family(std::string_view name) {
    const auto row = std::ranges::find(table, name, &Family::name);
    return row == table.end() ? nullptr : &*row;
}

std::string family_list() {
    std::vector<std::string> names;
    for (const Family& family : table) names.emplace_back(family.name);
    return join(names, ", ");
}

}  // namespace ktrain
