// The linear layers and the parameter count that follow from a shape.
#include "core/model/shape.h"

#include <fmt/format.h>

#include "core/model/count.h"
#include "core/model/family.h"

namespace ktrain {
namespace {

// Families that are not in the table, or are looked at with their matrices split, have llama's names.
LayerNames names_of(const ModelShape& shape) {
    const Family* family = find_family(shape.family);
    if (family != nullptr && family->fused == shape.fused_qkv) return family->names->layer;
    LayerNames names = find_family("llama")->names->layer;
    if (shape.fused_qkv) names.q = "self_attn.qkv_proj";
    if (shape.fused_gate_up) names.up = "mlp.gate_up_proj";
    return names;
}

void add_attention(const ModelShape& shape, const LayerNames& names, std::vector<LinearModule>& modules) {
    const std::int64_t queries = product({shape.heads, shape.head_dim});
    const std::int64_t keys = product({shape.kv_heads, shape.head_dim});
    if (shape.fused_qkv) {
        modules.push_back({names.q, shape.hidden, sum({queries, keys, keys}), shape.qkv_bias});
    } else {
        modules.push_back({names.q, shape.hidden, queries, shape.qkv_bias});
        modules.push_back({names.k, shape.hidden, keys, shape.qkv_bias});
        modules.push_back({names.v, shape.hidden, keys, shape.qkv_bias});
    }
    modules.push_back({names.o, queries, shape.hidden, shape.out_bias});
}

void add_mlp(const ModelShape& shape, const LayerNames& names, std::vector<LinearModule>& modules) {
    const bool separate = shape.gated && !shape.fused_gate_up;
    if (separate) modules.push_back({names.gate, shape.hidden, shape.ffn, shape.mlp_bias});
    modules.push_back(
        {names.up, shape.hidden, shape.fused_gate_up ? product({2, shape.ffn}) : shape.ffn, shape.mlp_bias});
    modules.push_back({names.down, shape.ffn, shape.hidden, shape.mlp_bias});
}

// Router and experts of one layer.
std::int64_t expert_parameters(const ModelShape& shape) {
    const std::int64_t matrices = shape.gated ? 3 : 2;
    return sum(
        {product({matrices, shape.hidden, shape.expert_ffn, shape.experts}), product({shape.hidden, shape.experts})});
}

}  // namespace

std::vector<LinearModule> linear_modules(const ModelShape& shape) {
    std::vector<LinearModule> modules;
    const LayerNames names = names_of(shape);
    add_attention(shape, names, modules);
    if (shape.experts == 0) add_mlp(shape, names, modules);
    return modules;
}

std::string layers_place(const ModelShape& shape) {
    const Family* family = find_family(shape.family);
    const TensorNames& names = *(family == nullptr ? find_family("llama") : family)->names;
    return fmt::format("{}{}.", names.root, names.layers);
}

std::string layer_place(const ModelShape& shape, std::int64_t number) {
    return fmt::format("{}{}.", layers_place(shape), number);
}

bool is_or_is_in(std::string_view module, std::string_view word) {
    return fmt::format(".{}.", module).find(fmt::format(".{}.", word)) != std::string::npos;
}

std::int64_t count_parameters(const ModelShape& shape) {
    const std::int64_t norm = product({shape.layer_norm ? 2 : 1, shape.hidden});
    std::int64_t layer = product({shape.norms_per_layer, norm});
    for (const LinearModule& module : linear_modules(shape))
        layer = sum({layer, product({module.in, module.out}), module.bias ? module.out : 0});
    if (shape.qk_norm) layer = sum({layer, product({2, shape.head_dim})});
    if (shape.experts > 0) layer = sum({layer, expert_parameters(shape)});
    const bool own_head = !shape.tied && shape.labels == 0;
    return sum({product({shape.layers, layer}), norm, product({own_head ? 2 : 1, shape.vocab, shape.hidden}),
                product({shape.labels, shape.hidden}), shape.head_bias ? shape.vocab : 0,
                product({shape.learned_positions, shape.hidden})});
}

}  // namespace ktrain
