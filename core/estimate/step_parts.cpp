// Weights, gradients and states by storage and sharding; activations, logits and buffers by kernels and sharding.
#include "core/estimate/step_parts.h"

#include <algorithm>

#include "core/estimate/activations.h"
#include "core/model/parameters.h"

namespace ktrain {
namespace {

double real(std::int64_t number) {
    return static_cast<double>(number);
}

// Parameters of the LoRA matrices, all layers together.
double adapter_parameters(const Conditions& c) {
    double count = 0;
    for (const LinearModule& target : c.targets)
        count += real(c.rank) * real(target.in + target.out) * real(target.layers());
    return count;
}

double largest_layer(const Conditions& c) {
    double largest = 0;
    for (const LinearModule& module : linear_modules(c.shape))
        largest = std::max(largest, real(module.in) * real(module.out));
    return largest;
}

// Bytes of a logit while the loss is computed.
double logit_bytes(const Conditions& c, const Fitted& fitted) {
    const double chunks = real(std::max<std::int64_t>(c.loss_chunks, 1));
    switch (c.loss) {
        case LossKernel::full:
            return 8;
        case LossKernel::fp32_logits:
            return fitted.logits_fp32;
        // Logits stay; the loss of a piece keeps its log-softmax unless it is compiled into one kernel.
        case LossKernel::chunked:
            return c.compiled ? 2 + 2 / chunks : 4 + 6 / chunks;
        case LossKernel::head_chunked:
            return fitted.logits_fp32 / chunks;
        case LossKernel::fused:
            return 0.5;
    }
    return 0;
}

double kept_by_layers(const Conditions& c, double tokens) {
    const double dense = real(c.shape.experts > 0 ? c.shape.dense_layers : layer_count(c.shape));
    const double routed = real(layer_count(c.shape)) - dense;
    return tokens * (dense > 0 ? dense * kept_by_dense_layer(c).total() : 0) +
           tokens * (routed > 0 ? routed * kept_by_expert_layer(c).total() : 0);
}

double kept_by_one(const Conditions& c, double tokens) {
    const bool all_routed = c.shape.experts > 0 && c.shape.dense_layers == 0;
    const double dense = all_routed ? 0 : kept_by_dense_layer(c).total();
    return tokens * std::max(dense, c.shape.experts > 0 ? kept_by_expert_layer(c).total() : 0);
}

void add_activations(const Conditions& c, const Fitted& fitted, PassingParts& parts) {
    const double one = kept_by_one(c, parts.tokens), work = parts.tokens * working_set(c);
    const double all = kept_by_layers(c, parts.tokens);
    const double input = c.compute_bytes * real(c.shape.hidden) * parts.tokens;
    switch (c.recompute) {
        case Recompute::none:
            parts.kept = all;
            parts.layer = work;
            break;
        case Recompute::selective:
            parts.kept = fitted.selective_kept * all;
            parts.layer = work + (1 - fitted.selective_kept) * one;
            break;
        case Recompute::full:
            parts.kept = input * real(layer_count(c.shape));
            parts.layer = one + work;
            break;
    }
    // Two layers are on their way to the host and back.
    const double layers = std::max(real(layer_count(c.shape)), 1.0);
    if (c.activations_offloaded) parts.kept *= std::min(1.0, 2 / layers);
}

// Rows of logits that ktrain has at once. Source: trainer/model/layers_loss.cpp.
double own_logits(const Conditions& c, double tokens) {
    const double vocab = std::max(real(c.shape.vocab), 1.0);
    const double rows = std::min(tokens, std::max(64.0, 512 * 32000 / vocab));
    return c.compute_bytes * rows * vocab + tokens * real(c.shape.hidden) * (4 + 2 * c.compute_bytes);
}

void add_loss(const Conditions& c, const HeldParts& held, const Fitted& fitted, PassingParts& parts) {
    if (c.framework->own_kernels) {
        parts.logits = own_logits(c, parts.tokens);
        return;
    }
    const double logits = parts.tokens * real(c.shape.vocab) / real(c.degrees.tensor);
    parts.logits = logit_bytes(c, fitted) * logits;
    const bool whole = c.loss == LossKernel::full || c.loss == LossKernel::fp32_logits;
    parts.logits_left = (whole ? 2 : 0.5) * logits;
    if (!c.full) return;
    const bool pieces = c.loss == LossKernel::chunked || c.loss == LossKernel::head_chunked;
    // A piece's gradient of the head stands beside the sum of those before it.
    parts.head_gradient = c.compute_bytes * held.head / real(c.degrees.tensor) * (pieces ? 2 : 1);
}

// DeepSpeed's defaults: 1e9 live parameters, buckets of 5e8 elements, two of them while reductions overlap.
// Source: stage3.py and stage_1_and_2.py of DeepSpeed, "zero_optimization" in its configuration.
void add_sharding(const Conditions& c, const HeldParts& held, PassingParts& parts) {
    constexpr double live = 1e9, bucket = 5e8;
    const double all = held.linear + held.rest;
    const double gradient = c.full ? 2 + c.gradient_bytes : 0;
    switch (c.sharding) {
        case Sharding::none:
        case Sharding::zero1:
            break;
        case Sharding::ddp:
            parts.gathered_layers = held.gradients;
            break;  // buckets
        case Sharding::zero2:
            parts.gathered_layers = 2 * 3 * std::min(all, bucket);
            break;
        case Sharding::zero3:
            parts.gathered_layers = 2 * std::min(all, live) + 2 * 2 * std::min(all, bucket);
            parts.gathered_root = 2 * held.head;
            if (c.offload == Offload::none) parts.step = 4 * std::min(held.trained, live);
            break;
        case Sharding::fsdp: {
            const double bytes = c.storage->quantised ? c.storage->bytes : 2;
            parts.gathered_layers = held.layer * (2 * bytes + gradient);  // this layer and the next
            parts.gathered_root = 2 * held.head * (c.framework->root_has_embedding ? 2 : 1);
            parts.reduced_root = c.full ? c.gradient_bytes * held.head : 0;
        }
    }
}

// 16-bit copies of float32 weights.
double cast_copies(const Conditions& c, const HeldParts& held, const ParameterParts& parts) {
    if (c.compute_bytes >= 4) return 0;
    if (c.framework->own_kernels) {
        const double frozen = c.full ? 0 : c.storage->bytes > 2 ? held.linear + held.rest : real(parts.rest);
        return c.compute_bytes * (held.trained + frozen);
    }
    const bool single = c.sharding == Sharding::none || c.sharding == Sharding::ddp;
    const bool casts = single && !c.storage->quantised && c.storage->bytes > c.compute_bytes;
    return casts ? c.compute_bytes * (real(parts.linear) + held.head) : 0;
}

}  // namespace

Shards shards_of(const Conditions& c) {
    const double all = real(c.degrees.data) * real(c.degrees.context);
    switch (c.sharding) {
        case Sharding::none:
        case Sharding::ddp:
            return {};
        case Sharding::zero1:
            return {1, 1, all};
        case Sharding::zero2:
            return {1, all, all};
        case Sharding::zero3:
        case Sharding::fsdp:
            return {all, all, all};
    }
    return {};
}

HeldParts held_parts(const Conditions& c) {
    const ParameterParts parts = parameter_parts(c.shape);
    HeldParts held;
    held.head = real(parts.head > 0 ? parts.head : parts.embedding);
    held.linear = real(parts.linear) + (c.head_quantised ? real(parts.head) : 0);
    held.rest = real(parts.total()) - held.linear;
    const double adapter = adapter_parameters(c);
    held.trained = c.full ? held.linear + held.rest : adapter;
    const double layers = std::max(real(layer_count(c.shape)), 1.0);
    held.layer =
        (c.storage->quantised ? real(parts.linear) : real(parts.total() - parts.embedding - parts.head)) / layers;

    const Shards shards = shards_of(c);
    const double model = real(c.degrees.tensor) * real(c.degrees.pipeline);
    double bytes = held.linear * c.storage->bytes + held.rest * (c.storage->quantised ? 2 : c.storage->bytes);
    // ktrain holds vectors that do not train in float32; of other float32 values it keeps rounded copies for products.
    const double vectors = real(parts.rest);
    if (c.framework->own_kernels && !c.full) bytes += vectors * (4 - (c.storage->quantised ? 2 : c.storage->bytes));
    const bool weights_away = c.offload == Offload::parameters || c.offload == Offload::both;
    const bool state_away = c.offload == Offload::optimizer || c.offload == Offload::both;
    held.weights = weights_away ? 0 : bytes / shards.weights / model;
    held.adapters = adapter * c.adapter_bytes / shards.weights / model;
    if (c.master_weights && !state_away) held.master = 4 * held.trained / shards.state / model;
    double state = c.state_bytes * held.trained;
    if (c.state_8bit && c.full) state += (8 - c.state_bytes) * real(parts.embedding);
    if (!state_away && !c.paged_state) held.state = state / shards.state / model;
    held.cast = cast_copies(c, held, parts) / model;
    if (!c.step_in_backward && c.offload != Offload::both)
        held.gradients = c.gradient_bytes * held.trained / shards.gradients / model;
    return held;
}

PassingParts passing_parts(const Conditions& c, const HeldParts& held, const Fitted& fitted) {
    PassingParts parts;
    parts.tokens = real(c.micro_batch) * real(c.length) / real(c.degrees.context);
    add_activations(c, fitted, parts);
    add_loss(c, held, fitted, parts);
    add_sharding(c, held, parts);
    if (c.storage->quantised) parts.dequantised = 2 * std::max(largest_layer(c), c.head_quantised ? held.head : 0);
    return parts;
}

}  // namespace ktrain
