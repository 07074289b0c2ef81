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
    std::string_view shared_gate = {}, shared_up = {}, shared_down = {};  // of experts that every token goes through
};

struct TensorNames {
    std::string_view root;  // "model."
    std::string_view embedding, positions, layers, norm;
    LayerNames layer;
};

// Keys of config.json; "a|b": a, or b where there is no a.
struct ConfigKeys {
    std::string_view hidden = "hidden_size", layers = "num_hidden_layers", heads = "num_attention_heads";
    std::string_view inner = "intermediate_size", positions = "max_position_embeddings";
    std::string_view epsilon = "rms_norm_eps", activation = "hidden_act";
    std::string_view kv_heads = "num_key_value_heads", head_dim = "head_dim";
};

struct Family {
    std::string_view name;        // model_type of config.json
    std::string_view class_name;  // how the classes of transformers begin: "Llama" of LlamaForCausalLM
    const TensorNames* names;
    ConfigKeys keys = {};
    bool qkv_bias = false;        // biases on q, k and v whatever the config says
    bool all_bias = false;        // biases on every linear layer
    bool qk_norm = false;         // norms on queries and keys
    bool gated = true;            // act(gate) * up
    bool fused = false;           // qkv_proj and gate_up_proj
    bool layer_norm = false;      // instead of RMSNorm
    bool sandwich = false;        // norms before and behind attention and MLP
    bool one_norm = false;        // attention and MLP of a layer read the same norm's result
    bool embedding_norm = false;  // a norm behind the embedding
    bool mlp_bias = false;        // biases on the MLP whatever the config says
    bool head_bias = false;
    bool inner_by_four = false;         // the MLP is four times as wide as the model when the config does not say
    bool transposed = false;            // weights are stored [in, out]
    bool learned_positions = false;     // instead of rotary ones
    bool says_attention_bias = false;   // reads attention_bias (q, k, v and o)
    bool says_mlp_bias = false;         // reads mlp_bias
    bool tied = false;                  // when the config does not say
    std::int64_t head_dim = 0;          // when the config has none; 0: hidden_size / num_attention_heads
    std::int64_t heads = 0, vocab = 0;  // when the config has none; 0: it must
    std::int64_t kv_heads = 0;          // when the config has none; 0: as many as query heads
    std::int64_t positions = 0;         // when the config has no max_position_embeddings
    double norm_epsilon = 1e-6;         // when the config has none
};

// Those that the trainer has, and whose tensors inventory() knows.
std::span<const Family> families();
const Family* find_family(std::string_view name);  // nullptr: not known
std::string family_list();                         // "gemma2, gpt2, ..."

class ConfigReader;
struct ModelShape;

// A family of which only shapes are known: what is counted, but not trained.
struct ShapeFamily {
    Family family;
    std::string_view group = {};  // object of config.json with the keys of the language model; empty: the whole
    // What its config says beyond the keys of every family. Errors: as read_hf_config.
    void (*read_more)(const ConfigReader& config, ModelShape& shape) = nullptr;
};
std::span<const ShapeFamily> shape_families();
const ShapeFamily* find_shape_family(std::string_view name);  // nullptr: not known, or one of families()

// Of either table; the list has both.
const Family* find_any_family(std::string_view name);
std::string any_family_list();

}  // namespace ktrain
