// The shape of a model: the sizes and switches that decide its tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

// Multi-head latent attention: keys and values, and mostly queries too, go through a small matrix each.
struct LatentAttention {
    std::int64_t q_rank = 0;     // 0: queries come straight from the hidden state
    std::int64_t kv_rank = 0;    // 0: the model has no latent attention
    std::int64_t rope_dim = 0;   // elements of head_dim that are rotated; their keys are the same for all heads
    std::int64_t value_dim = 0;  // of a head; head_dim is that of queries and keys
};

// Zero means that the model has none of it, or that it is not known. Sizes are numbers of elements, not bytes.
// templates/models.csv has the same columns.
struct ModelShape {
    std::string name;    // catalog id, folder, or "7B" for a bare parameter count
    std::string family;  // model_type of Hugging Face ("llama"), "simple_cnn", or empty for a bare count
    std::string source;  // "catalog", "config.json", "built in", "parameter count"
    std::string note;    // what a reader of figures should know, or empty
    std::string dtype;   // storage type that the model's own config names, or empty
    std::int64_t parameters = 0;

    std::int64_t hidden = 0;
    std::int64_t layers = 0;  // of each stack of an encoder-decoder
    std::int64_t heads = 0;
    std::int64_t kv_heads = 0;
    std::int64_t head_dim = 0;  // not hidden / heads for every family
    std::int64_t ffn = 0;
    std::int64_t vocab = 0;   // rows of the embedding
    bool tied = false;        // one matrix for embedding and head
    bool gated = true;        // gate, up and down; otherwise up and down
    bool layer_norm = false;  // weight and bias for each norm; otherwise RMS norm
    std::int64_t norms_per_layer = 2;
    bool embedding_norm = false;   // a norm behind the embedding
    bool parallel_block = false;   // attention and MLP read the same input
    bool encoder_decoder = false;  // two stacks; layers of the second also attend to the result of the first
    bool qkv_bias = false;
    bool out_bias = false;
    bool mlp_bias = false;  // of experts too
    bool head_bias = false;
    bool qk_norm = false;
    bool fused_qkv = false;
    bool fused_gate_up = false;
    std::int64_t learned_positions = 0;
    std::int64_t position_buckets = 0;  // relative positions: so many values for each head, once in each stack
    std::int64_t max_positions = 0;     // longest sequence that the config names
    std::int64_t sliding_window = 0;    // keys that a query sees, itself included, in
    std::int64_t sliding_layers = 0;    // so many layers; in the others, all before it
    std::int64_t labels = 0;  // of a head that scores whole texts (score_head.h), in place of the vocabulary's

    std::int64_t experts = 0;            // routed ones of a layer
    std::int64_t experts_per_token = 0;  // of them
    std::int64_t expert_ffn = 0;         // width of each
    std::int64_t shared_experts = 0;     // which every token goes through
    std::int64_t shared_ffn = 0;         // width of all of them together
    std::int64_t dense_layers = 0;       // leading layers with an MLP of width ffn instead
    bool shared_gate = false;            // one more row, which weighs the shared experts
    bool router_bias = false;
    bool attention_sinks = false;  // one value for each head and layer
    LatentAttention latent;

    std::int64_t input_channels = 0;  // simple_cnn
    std::int64_t num_classes = 0;     // simple_cnn
};

// Layers of all stacks.
std::int64_t layer_count(const ModelShape& shape);

// What a linear layer is for, whatever its family calls it; qkv and gate_up: one matrix for all of them; latent: to or
// from the small matrices of latent attention.
enum class LinearPart { q, k, v, qkv, o, latent, gate, up, gate_up, down };

// A linear layer, which the layers from `first` to `end`, not included, have once each. The layers of a decoder behind
// an encoder are numbered on.
struct LinearModule {
    std::string_view name;  // "self_attn.q_proj", as its family calls it
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool bias = false;
    std::int64_t first = 0, end = 0;
    LinearPart part = LinearPart::q;

    std::int64_t layers() const { return end - first; }
};

// Of attention, dense MLPs and shared experts. Routed experts are no linear layers: Hugging Face stores those of a
// layer as one tensor, so that neither bitsandbytes nor LoRA on "all-linear" touches them; nor is the router.
std::vector<LinearModule> linear_modules(const ModelShape& shape);

// Where the layers are, "model.layers.", and one of them: "model.layers.3.". Families that are not in a table have
// llama's names.
std::string layers_place(const ModelShape& shape);
std::string layer_place(const ModelShape& shape, std::int64_t number);

// Whether `word` is what a module is called, or a group of modules that it is in: a whole name, or a part of it between
// dots such as "mlp" or "layers.0".
bool is_or_is_in(std::string_view module, std::string_view word);

}  // namespace ktrain
