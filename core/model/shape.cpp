// The linear layers that follow from a shape, and where they are.
#include "core/model/shape.h"

#include <fmt/format.h>

#include "core/model/count.h"
#include "core/model/family.h"

namespace ktrain {
namespace {

// From one layer to another, not included.
struct Range {
    std::int64_t first, end;
};

// Families that are not in a table, or are looked at with their matrices split, have llama's names.
LayerNames names_of(const ModelShape& shape) {
    const Family* family = find_any_family(shape.family);
    if (family != nullptr && family->names->layer.k.empty() == shape.fused_qkv) return family->names->layer;
    LayerNames names = find_family("llama")->names->layer;
    if (shape.fused_qkv) names.q = "self_attn.qkv_proj";
    if (shape.fused_gate_up) names.up = "mlp.gate_up_proj";
    return names;
}

void add_attention(const ModelShape& shape, const LayerNames& names, Range range, std::vector<LinearModule>& modules) {
    const std::int64_t queries = product({shape.heads, shape.head_dim});
    const std::int64_t keys = product({shape.kv_heads, shape.head_dim});
    const auto add = [&](LinearPart part, std::string_view name, std::int64_t in, std::int64_t out, bool bias) {
        modules.push_back({name, in, out, bias, range.first, range.end, part});
    };
    add(shape.fused_qkv ? LinearPart::qkv : LinearPart::q, names.q, shape.hidden,
        shape.fused_qkv ? sum({queries, keys, keys}) : queries, shape.qkv_bias);
    if (!shape.fused_qkv) {
        add(LinearPart::k, names.k, shape.hidden, keys, shape.qkv_bias);
        add(LinearPart::v, names.v, shape.hidden, keys, shape.qkv_bias);
    }
    add(LinearPart::o, names.o, queries, shape.hidden, shape.out_bias);
}

// Source: modeling_deepseek_v3.py of transformers 5. Biases are on what comes from the hidden state, and goes to it.
void add_latent(const ModelShape& shape, std::vector<LinearModule>& modules) {
    const LatentAttention& latent = shape.latent;
    const std::int64_t queries = product({shape.heads, shape.head_dim});
    const std::int64_t keys = product({shape.heads, shape.head_dim - latent.rope_dim});
    const std::int64_t values = product({shape.heads, latent.value_dim});
    const auto add = [&](std::string_view name, std::int64_t in, std::int64_t out, bool bias) {
        modules.push_back({name, in, out, bias, 0, shape.layers, LinearPart::latent});
    };
    if (latent.q_rank > 0) {
        add("self_attn.q_a_proj", shape.hidden, latent.q_rank, shape.qkv_bias);
        add("self_attn.q_b_proj", latent.q_rank, queries, false);
    } else {
        add("self_attn.q_proj", shape.hidden, queries, false);
    }
    add("self_attn.kv_a_proj_with_mqa", shape.hidden, sum({latent.kv_rank, latent.rope_dim}), shape.qkv_bias);
    add("self_attn.kv_b_proj", latent.kv_rank, sum({keys, values}), false);
    add("self_attn.o_proj", values, shape.hidden, shape.out_bias);
    modules.back().part = LinearPart::o;
}

struct MlpNames {
    std::string_view gate, up, down;
};

void add_mlp(const ModelShape& shape, const MlpNames& names, std::int64_t width, Range range,
             std::vector<LinearModule>& modules) {
    const auto add = [&](LinearPart part, std::string_view name, std::int64_t in, std::int64_t out) {
        modules.push_back({name, in, out, shape.mlp_bias, range.first, range.end, part});
    };
    if (shape.gated && !shape.fused_gate_up) add(LinearPart::gate, names.gate, shape.hidden, width);
    if (shape.fused_gate_up)
        add(LinearPart::gate_up, names.up, shape.hidden, product({2, width}));
    else
        add(LinearPart::up, names.up, shape.hidden, width);
    add(LinearPart::down, names.down, width, shape.hidden);
}

// T5: modules of a layer are numbered by what they belong to. Source: modeling_t5.py of transformers 5.
std::vector<LinearModule> modules_of_two_stacks(const ModelShape& shape) {
    const Range encoder{0, shape.layers}, decoder{shape.layers, layer_count(shape)};
    const std::string_view up = shape.gated ? "layer.1.DenseReluDense.wi_1" : "layer.1.DenseReluDense.wi";
    const std::string_view up_behind = shape.gated ? "layer.2.DenseReluDense.wi_1" : "layer.2.DenseReluDense.wi";
    const LayerNames own = find_any_family("t5")->names->layer;
    LayerNames other;
    other.q = "layer.1.EncDecAttention.q";
    other.k = "layer.1.EncDecAttention.k";
    other.v = "layer.1.EncDecAttention.v";
    other.o = "layer.1.EncDecAttention.o";
    std::vector<LinearModule> modules;
    add_attention(shape, own, encoder, modules);
    add_mlp(shape, {own.gate, up, own.down}, shape.ffn, encoder, modules);
    add_attention(shape, own, decoder, modules);
    add_attention(shape, other, decoder, modules);
    add_mlp(shape, {"layer.2.DenseReluDense.wi_0", up_behind, "layer.2.DenseReluDense.wo"}, shape.ffn, decoder,
            modules);
    return modules;
}

}  // namespace

std::int64_t layer_count(const ModelShape& shape) {
    return product({shape.encoder_decoder ? 2 : 1, shape.layers});
}

std::vector<LinearModule> linear_modules(const ModelShape& shape) {
    if (shape.encoder_decoder) return modules_of_two_stacks(shape);
    std::vector<LinearModule> modules;
    const LayerNames names = names_of(shape);
    if (shape.latent.kv_rank > 0)
        add_latent(shape, modules);
    else
        add_attention(shape, names, {0, shape.layers}, modules);
    const std::int64_t dense = shape.experts > 0 ? shape.dense_layers : shape.layers;
    if (shape.experts == 0 || dense > 0)
        add_mlp(shape, {names.gate, names.up, names.down}, shape.ffn, {0, dense}, modules);
    if (shape.shared_experts > 0)
        add_mlp(shape, {names.shared_gate, names.shared_up, names.shared_down}, shape.shared_ffn, {dense, shape.layers},
                modules);
    return modules;
}

std::string layers_place(const ModelShape& shape) {
    const Family* family = find_any_family(shape.family);
    const TensorNames& names = *(family == nullptr ? find_family("llama") : family)->names;
    return fmt::format("{}{}.", names.root, names.layers);
}

std::string layer_place(const ModelShape& shape, std::int64_t number) {
    if (shape.encoder_decoder && number >= shape.layers) return fmt::format("decoder.block.{}.", number - shape.layers);
    return fmt::format("{}{}.", layers_place(shape), number);
}

bool is_or_is_in(std::string_view module, std::string_view word) {
    return fmt::format(".{}.", module).find(fmt::format(".{}.", word)) != std::string::npos;
}

}  // namespace ktrain
