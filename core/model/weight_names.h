// What tensors of weight files are, by their names: those of Hugging Face's families and those of GGUF.
// Source: modeling_<family>.py of transformers 5; gguf-py/gguf/constants.py of github.com/ggml-org/llama.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ktrain {

// The head for the next token, by the name that all families of Hugging Face give it.
inline constexpr std::string_view token_head = "lm_head.weight";

enum class Part {
    down,
    embedding,
    embedding_norm,
    expert_down,
    expert_gate,
    expert_gate_up,
    expert_up,
    gate,
    head,
    k,
    k_norm,
    kv_a,
    kv_b,
    kv_b_keys,
    kv_b_values,
    o,
    other,
    positions,
    q,
    q_a,
    q_b,
    q_norm,
    qkv,
    router,
    router_bias,
    score,
    shared_down,
    shared_gate,
    shared_router,
    shared_up,
    sinks,
    up,
    v
};

// A tensor's name in pieces: "model.layers.3.mlp.experts.7.up_proj.weight" is layer 3 of "model.layers.", expert 7,
// module "mlp.experts.*.up_proj".
struct TensorPlace {
    std::string stack;         // what is before the number of a layer; empty outside layers
    std::int64_t layer = -1;   // -1: in none
    std::int64_t expert = -1;  // -1: no single one
    std::string module;
    bool bias = false;
};
TensorPlace place_of(std::string_view name);

// What models compute themselves, and old files keep all the same.
bool is_buffer(std::string_view name);

// Buffers, and scales of weights in 8 bits: in files, but no parameters.
bool is_computed(std::string_view name);

// A part of weights in fewer bits that lies in several tensors, whose shapes are not those of the model.
bool is_packed(std::string_view name);

class PartNames {
public:
    PartNames();
    // Of a module as in TensorPlace.
    Part part_of(std::string_view module, bool in_layer) const;

private:
    std::map<std::string, Part, std::less<>> of_layers_, of_model_;
};

}  // namespace ktrain
