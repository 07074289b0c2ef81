// Sums over the operations of a layer; docs/estimate.md, "Activations", has the table.
#include "core/estimate/activations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"

namespace ktrain {
namespace {

// Sizes of a layer as doubles: their products may leave 63 bits, and are checked where bytes become a line.
struct Sizes {
    double hidden, queries, keys, values, result, heads, compute;

    explicit Sizes(const Conditions& c)
        : hidden(static_cast<double>(c.shape.hidden)),
          queries(static_cast<double>(c.shape.heads) * static_cast<double>(c.shape.head_dim)),
          keys(static_cast<double>(c.shape.kv_heads) * static_cast<double>(c.shape.head_dim)),
          values(keys),
          result(queries),
          heads(static_cast<double>(c.shape.heads)),
          compute(c.compute_bytes) {
        if (c.shape.latent.kv_rank == 0) return;
        keys = queries;  // one for each head, once they are made
        values = result = heads * static_cast<double>(c.shape.latent.value_dim);
    }
};

// The matrices of a gated MLP keep gate, act(gate) and up; a kernel that computes act(gate) again, two of them.
double inner_values(const Conditions& c) {
    if (!c.shape.gated) return 1;
    return c.compiled || c.fused_kernels ? 2 : 3;
}

// Layers that keep their input: those that train, and 4-bit ones of some versions.
bool keeps_inputs(const Conditions& c) {
    return c.full || (c.storage->quantised && c.framework->keeps_quantised_inputs);
}

double norm_bytes(const Conditions& c, double width) {
    const Sizes size(c);
    if (c.shape.layer_norm || c.compiled || c.fused_kernels || size.compute > 2) return size.compute * width;
    return 4 * width + (c.full || c.norms_train ? size.compute * width : 0);
}

double norms(const Conditions& c) {
    const Sizes size(c);
    // LayerNorms of parallel blocks share what they keep.
    const bool shared = c.shape.layer_norm && c.shape.parallel_block;
    const double count = shared ? 1 : static_cast<double>(c.shape.norms_per_layer);
    return count * norm_bytes(c, size.hidden) + (c.shape.qk_norm ? norm_bytes(c, size.queries + size.keys) : 0);
}

double attention(const Conditions& c) {
    const Sizes size(c);
    // Keys and values are repeated for every query head, except by kernels that take groups.
    const double keys = c.fused_kernels ? size.keys : std::max(size.keys, size.queries);
    const double values = c.fused_kernels ? size.values : std::max(size.values, size.result);
    const double fused = c.framework->views_of_fused_qkv ? size.queries + size.keys : 0;
    return size.compute * (size.queries + keys + values + fused + size.result) + 4 * size.heads;
}

// Scores, their softmax in float32 and in the computing type, for every head and key.
double scores(const Conditions& c) {
    return c.eager_attention ? 10 * static_cast<double>(c.shape.heads) * static_cast<double>(c.length) : 0;
}

double attention_inputs(const Conditions& c) {
    const Sizes size(c);
    if (!keeps_inputs(c)) return 0;
    double bytes = size.compute * size.hidden;
    const double ranks = static_cast<double>(c.shape.latent.q_rank + c.shape.latent.kv_rank);
    return bytes + size.compute * ranks;
}

double mlp_inputs(const Conditions& c, double width) {
    const Sizes size(c);
    const double inner = keeps_inputs(c) || c.framework->keeps_inner ? size.compute * width : 0;
    const bool own = !c.shape.parallel_block;
    return inner + (keeps_inputs(c) && own ? size.compute * size.hidden : 0);
}

// What feeds a layer: layers with the same input share it.
enum class Source { hidden, attention, mlp, inner };
Source source_of(LinearPart part) {
    switch (part) {
        case LinearPart::o:
            return Source::attention;
        case LinearPart::gate:
        case LinearPart::up:
        case LinearPart::gate_up:
            return Source::mlp;
        case LinearPart::down:
            return Source::inner;
        default:
            return Source::hidden;
    }
}

double adapters(const Conditions& c) {
    double bytes = c.added_values * c.compute_bytes;
    std::set<Source> shared;
    for (const LinearModule& target : c.targets) {
        const auto in = static_cast<double>(target.in);
        const Source source = source_of(target.part);
        const bool kept = keeps_inputs(c) || source == Source::attention || shared.contains(source) ||
                          (source == Source::inner && c.framework->keeps_inner);
        double own = static_cast<double>(c.rank) * c.adapter_bytes;
        if (c.adapter_dropout)
            own += c.adapter_bytes * in + in;  // what is left of it, and a mask
        else if (c.adapter_bytes != c.compute_bytes)
            own += c.adapter_bytes * in;  // a copy for each target
        else if (!kept)
            own += c.compute_bytes * in;
        shared.insert(source);
        bytes += own * share_of_layers(target, c);
    }
    return bytes;
}

// The part of a layer that dense and expert layers have alike.
KeptByLayer common(const Conditions& c) {
    KeptByLayer kept;
    kept.norms = norms(c);
    kept.attention = attention(c);
    kept.scores = scores(c);
    kept.inputs = attention_inputs(c);
    kept.adapters = adapters(c);
    return kept;
}

double routed(const Conditions& c) {
    return static_cast<double>(std::max<std::int64_t>(c.shape.experts_per_token, 1));
}

}  // namespace

std::string KeptByLayer::formula() const {
    const std::array<std::pair<std::string_view, double>, 7> parts{{{"norms", norms},
                                                                    {"inputs", inputs},
                                                                    {"attention", attention},
                                                                    {"scores", scores},
                                                                    {"mlp", mlp},
                                                                    {"experts", experts},
                                                                    {"adapters", adapters}}};
    std::string text;
    for (const auto& [name, bytes] : parts)
        if (bytes > 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : " + ", name, grouped(static_cast<std::int64_t>(bytes)));
    return text;
}

KeptByLayer kept_by_dense_layer(const Conditions& c) {
    if (c.framework->own_kernels) return kept_by_own_layer(c);
    KeptByLayer kept = common(c);
    const auto width = static_cast<double>(c.shape.ffn);
    kept.mlp = inner_values(c) * c.compute_bytes * width;
    kept.inputs += mlp_inputs(c, width);
    return kept;
}

KeptByLayer kept_by_expert_layer(const Conditions& c) {
    KeptByLayer kept = common(c);
    const Sizes size(c);
    const auto shared = static_cast<double>(c.shape.shared_ffn);
    kept.mlp = inner_values(c) * size.compute * shared;
    kept.inputs += mlp_inputs(c, shared);
    const auto width = static_cast<double>(c.shape.expert_ffn);
    const double sent = c.full ? size.hidden + width : 0;  // inputs of both sides of an expert
    const double router = 8 * static_cast<double>(c.shape.experts);
    kept.experts = routed(c) * size.compute * (inner_values(c) * width + sent + size.hidden) + router;
    return kept;
}

double share_of_layers(const LinearModule& module, const Conditions& c) {
    return static_cast<double>(module.layers()) / static_cast<double>(std::max<std::int64_t>(layer_count(c.shape), 1));
}

double working_set(const Conditions& c) {
    const Sizes size(c);
    if (c.framework->own_kernels)  // values before the last matrix, their gradient, and that of gate and up
        return 4 * size.hidden + size.compute * (c.shape.gated ? 4 : 3) * static_cast<double>(c.shape.ffn);
    const double experts =
        routed(c) * static_cast<double>(c.shape.expert_ffn) + static_cast<double>(c.shape.shared_ffn);
    const double width = std::max(static_cast<double>(c.shape.ffn), c.shape.experts > 0 ? experts : 0);
    const double bytes = size.compute * (2 * size.hidden + (c.fused_kernels ? 1 : 3) * width);
    return c.compiled ? 0.6 * bytes : bytes;
}

}  // namespace ktrain
