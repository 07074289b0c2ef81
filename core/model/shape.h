// The shape of a model: the sizes and switches that decide its tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

// Zero means that the model has none of it, or that it is not known.
struct ModelShape {
    std::string name;    // catalog id, folder, or "7B" for a bare parameter count
    std::string family;  // model_type of Hugging Face ("llama"), "simple_cnn", or empty for a bare count
    std::string source;  // "catalog", "config.json", "built in", "parameter count"
    std::string note;    // what a reader of figures should know, or empty
    std::string dtype;   // storage type that the model's own config names, or empty
    std::int64_t parameters = 0;

    std::int64_t hidden = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t kv_heads = 0;
    std::int64_t head_dim = 0;  // not hidden / heads for every family
    std::int64_t ffn = 0;
    std::int64_t vocab = 0;   // rows of the embedding
    bool tied = false;        // one matrix for embedding and head
    bool gated = true;        // gate, up and down; otherwise up and down
    bool layer_norm = false;  // weight and bias for each norm; otherwise RMS norm
    std::int64_t norms_per_layer = 2;
    bool qkv_bias = false;
    bool out_bias = false;
    bool mlp_bias = false;
    bool head_bias = false;
    bool qk_norm = false;
    bool fused_qkv = false;
    bool fused_gate_up = false;
    std::int64_t learned_positions = 0;
    std::int64_t labels = 0;  // of a head that scores whole texts (score_head.h), in place of the vocabulary's
    std::int64_t experts = 0;
    std::int64_t expert_ffn = 0;

    std::int64_t input_channels = 0;  // simple_cnn
    std::int64_t num_classes = 0;     // simple_cnn
};

// A linear layer that every decoder layer has once (a mixture of experts has no dense MLP).
struct LinearModule {
    std::string_view name;  // "self_attn.q_proj", as its family calls it
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool bias = false;
};
std::vector<LinearModule> linear_modules(const ModelShape& shape);

// Where the layers are, "model.layers.", and one of them: "model.layers.3.". Families that are not in the table have
// llama's names.
std::string layers_place(const ModelShape& shape);
std::string layer_place(const ModelShape& shape, std::int64_t number);

// Whether `word` is what a module is called, or a group of modules that it is in: a whole name, or a part of it between
// dots such as "mlp" or "layers.0".
bool is_or_is_in(std::string_view module, std::string_view word);

// Parameters of a decoder from its shape: dense or with routed experts, without latent attention, shared experts,
// router biases or attention sinks. Source: the formula of docs/estimate.md, "Parameters".
// Errors: Error{input} when the numbers do not fit 63 bits.
std::int64_t count_parameters(const ModelShape& shape);

}  // namespace ktrain
