// Families of language models: what their code fixes, and how they name their tensors.
// Source: configuration_<family>.py and modeling_<family>.py of transformers 5.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

// Places of a layer's tensors under "<root><layers>.<number>."; empty: the family has none.
struct LayerNames {
    std::string_view input_norm;
    std::string_view attention_norm;  // of the attention's result, before it is added
    std::string_view mlp_norm;
    std::string_view result_norm;  // of the MLP's result, before it is added
    std::string_view q, k, v;      // q alone: one matrix with the rows of all three
    std::string_view o;
    std::string_view gate, up;  // up alone: no gate, or one matrix with the rows of both
    std::string_view down;
};

struct TensorNames {
    std::string_view root;  // "model."
    std::string_view embedding, positions, layers, norm;
    LayerNames layer;
};

// Keys of config.json.
struct ConfigKeys {
    std::string_view hidden = "hidden_size", layers = "num_hidden_layers", heads = "num_attention_heads";
    std::string_view inner = "intermediate_size", positions = "max_position_embeddings";
    std::string_view epsilon = "rms_norm_eps", activation = "hidden_act";
};

struct Family {
    std::string_view name;        // model_type of config.json
    std::string_view class_name;  // how the classes of transformers begin: "Llama" of LlamaForCausalLM
    const TensorNames* names;
    ConfigKeys keys = {};
    bool qkv_bias = false;             // biases on q, k and v whatever the config says
    bool all_bias = false;             // biases on every linear layer
    bool qk_norm = false;              // norms on queries and keys
    bool gated = true;                 // act(gate) * up
    bool fused = false;                // qkv_proj and gate_up_proj
    bool layer_norm = false;           // instead of RMSNorm
    bool sandwich = false;             // norms before and behind attention and MLP
    bool transposed = false;           // weights are stored [in, out]
    bool learned_positions = false;    // instead of rotary ones
    bool says_attention_bias = false;  // reads attention_bias (q, k, v and o)
    bool says_mlp_bias = false;        // reads mlp_bias
    bool tied = false;                 // when the config does not say
    std::int64_t head_dim = 0;         // when the config has none; 0: hidden_size / num_attention_heads
    std::int64_t kv_heads = 0;         // when the config has none; 0: as many as query heads
    std::int64_t positions = 0;        // when the config has no max_position_embeddings
    double norm_epsilon = 1e-6;        // when the config has none
};

std::span<const Family> families();
const Family* find_family(std::string_view name);  // nullptr: not known
std::string family_list();                         // "gemma2, gpt2, ..."

}  // namespace ktrain
