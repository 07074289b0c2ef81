// Counts from shapes.
#include "core/model/parameters.h"

#include <algorithm>

#include "core/model/count.h"

namespace ktrain {
namespace {

std::int64_t norm_size(const ModelShape& shape, std::int64_t width) {
    return product({shape.layer_norm ? 2 : 1, width});
}

// Norms, sinks and router biases; biases of linear layers are with their modules.
std::int64_t rest_of_layers(const ModelShape& shape) {
    const std::int64_t layers = layer_count(shape);
    std::int64_t layer = product({shape.norms_per_layer, norm_size(shape, shape.hidden)});
    if (shape.qk_norm) layer = sum({layer, product({2, shape.head_dim})});
    if (shape.latent.kv_rank > 0) layer = sum({layer, shape.latent.q_rank, shape.latent.kv_rank});
    if (shape.attention_sinks) layer = sum({layer, shape.heads});
    std::int64_t total = product({layers, layer});
    if (shape.encoder_decoder) total = sum({total, product({shape.layers, norm_size(shape, shape.hidden)})});
    if (shape.router_bias) total = sum({total, product({shape.layers - shape.dense_layers, shape.experts})});
    return total;
}

std::int64_t rest_of_model(const ModelShape& shape) {
    const std::int64_t stacks = shape.encoder_decoder ? 2 : 1;
    return sum({product({stacks, norm_size(shape, shape.hidden)}),
                shape.embedding_norm ? norm_size(shape, shape.hidden) : 0, shape.head_bias ? shape.vocab : 0,
                product({stacks, shape.position_buckets, shape.heads})});
}

// Elements that one layer keeps of one token.
std::int64_t kept_elements(const ModelShape& shape) {
    if (shape.latent.kv_rank > 0) return sum({shape.latent.kv_rank, shape.latent.rope_dim});
    return product({2, shape.kv_heads, shape.head_dim});
}

// What a token does not meet.
std::int64_t inactive_parameters(const ModelShape& shape) {
    const std::int64_t idle = std::max<std::int64_t>(shape.experts - shape.experts_per_token, 0);
    return product({shape.layers - shape.dense_layers, idle, expert_parameters(shape)});
}

// A header's own count may have more than its shape shows.
std::int64_t all_parameters(const ModelShape& shape) {
    return shape.parameters > 0 ? shape.parameters : count_parameters(shape);
}

}  // namespace

std::int64_t ParameterParts::total() const {
    return sum({embedding, head, linear, experts, router, rest});
}

ParameterParts parameter_parts(const ModelShape& shape) {
    ParameterParts parts;
    if (shape.hidden == 0) return parts;
    parts.embedding = product({sum({shape.vocab, shape.learned_positions}), shape.hidden});
    const std::int64_t rows = shape.labels > 0 ? shape.labels : shape.tied ? 0 : shape.vocab;
    parts.head = product({rows, shape.hidden});
    parts.rest = sum({rest_of_layers(shape), rest_of_model(shape)});
    for (const LinearModule& module : linear_modules(shape)) {
        parts.linear = sum({parts.linear, product({module.layers(), module.in, module.out})});
        if (module.bias) parts.rest = sum({parts.rest, product({module.layers(), module.out})});
    }
    if (shape.experts == 0) return parts;
    const std::int64_t sparse = shape.layers - shape.dense_layers;
    parts.experts = product({sparse, shape.experts, expert_parameters(shape)});
    parts.router = product({sparse, sum({shape.experts, shape.shared_gate ? 1 : 0}), shape.hidden});
    return parts;
}

std::int64_t count_parameters(const ModelShape& shape) {
    return parameter_parts(shape).total();
}

std::int64_t expert_parameters(const ModelShape& shape) {
    if (shape.experts == 0) return 0;
    const std::int64_t inner = product({shape.gated ? 2 : 1, shape.expert_ffn});
    const std::int64_t biases = shape.mlp_bias ? sum({inner, shape.hidden}) : 0;
    return sum({product({inner, shape.hidden}), product({shape.expert_ffn, shape.hidden}), biases});
}

std::int64_t active_parameters(const ModelShape& shape) {
    const std::int64_t active = all_parameters(shape) - inactive_parameters(shape);
    return shape.family == "gpt_oss" ? active - parameter_parts(shape).embedding : active;
}

std::int64_t multiplied_parameters(const ModelShape& shape) {
    const std::int64_t active = all_parameters(shape) - inactive_parameters(shape);
    const bool is_head = shape.tied && shape.labels == 0;
    return active - product({sum({is_head ? 0 : shape.vocab, shape.learned_positions}), shape.hidden});
}

std::int64_t kv_bytes_per_token(const ModelShape& shape, std::int64_t bytes) {
    return product({shape.layers, kept_elements(shape), bytes});
}

std::int64_t kv_bytes(const ModelShape& shape, std::int64_t length, std::int64_t bytes) {
    const std::int64_t shorter = std::min(length, std::max<std::int64_t>(shape.sliding_window, 0));
    const std::int64_t tokens =
        sum({product({shape.layers - shape.sliding_layers, length}), product({shape.sliding_layers, shorter})});
    return product({tokens, kept_elements(shape), bytes});
}

}  // namespace ktrain
