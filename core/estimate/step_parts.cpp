// Activations, logits and buffers by kernels, objective and sharding.
#include "core/estimate/step_parts.h"

#include <algorithm>

#include "core/estimate/activations.h"
#include "core/estimate/numbers.h"
#include "core/model/parameters.h"

namespace ktrain {
namespace {

double largest_layer(const Conditions& c) {
    double largest = 0;
    for (const LinearModule& module : linear_modules(c.shape))
        largest = std::max(largest, real(module.in) * real(module.out));
    return largest / real(c.degrees.tensor);
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

// Keys and values of every layer that stand in front of each text.
double kept_prefixes(const Conditions& c) {
    return 2 * c.compute_bytes * real(c.added_keys) * real(c.shape.kv_heads) * real(c.shape.head_dim) *
           real(layer_count(c.shape)) * real(c.micro_batch) * real(c.companions.texts);
}

// GPUs of tensor parallelism share sequences between their products, too (Korthikanti et al. 2022).
void add_activations(const Conditions& c, const Fitted& fitted, const Stage& stage, PassingParts& parts) {
    const double tokens = parts.tokens / real(c.degrees.tensor);
    const double one = kept_by_one(c, tokens), work = tokens * working_set(c);
    const double all = kept_by_layers(c, tokens);
    const double input = c.compute_bytes * real(c.shape.hidden) * tokens;
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
    // A policy and a value model both run before the backward pass of either.
    parts.kept *= stage.share * stage.in_flight * real(c.companions.trained);
    parts.kept += kept_prefixes(c) * stage.share / real(c.degrees.tensor);
}

// Rows of logits that ktrain has at once. Source: trainer/model/layers_loss.cpp.
double own_logits(const Conditions& c, double tokens) {
    const double vocab = std::max(real(c.shape.vocab), 1.0);
    const double rows = std::min(tokens, std::max(64.0, 512 * 32000 / vocab));
    return c.compute_bytes * rows * vocab / real(c.degrees.tensor) +
           tokens * real(c.shape.hidden) * (4 + 2 * c.compute_bytes);
}

void add_loss(const Conditions& c, const HeldParts& held, const Fitted& fitted, PassingParts& parts) {
    const double texts = real(c.micro_batch) * real(c.companions.texts);
    if (c.companions.scored) {
        parts.logits = texts * real(std::max<std::int64_t>(c.shape.labels, 1)) * 16;
        if (c.framework->own_kernels) parts.logits += texts * real(c.shape.hidden) * (4 + 2 * c.compute_bytes);
        return;
    }
    if (c.framework->own_kernels) {
        parts.logits = own_logits(c, parts.tokens);
        return;
    }
    const double logits = parts.tokens * real(c.shape.vocab) / real(c.degrees.tensor);
    parts.logits = logit_bytes(c, fitted) * logits;
    const bool whole = c.loss == LossKernel::full || c.loss == LossKernel::fp32_logits;
    // Without gradients: the logits, in float32 too, and their log-softmax; a teacher's stay for the loss.
    if (c.companions.second_logits && whole) parts.second_logits = 10 * logits;
    parts.logits_left = (whole ? 2 : 0.5) * logits;
    if (!c.full) return;
    const bool pieces = c.loss == LossKernel::chunked || c.loss == LossKernel::head_chunked;
    // A piece's gradient of the head stands beside the sum of those before it.
    parts.head_gradient = c.compute_bytes * held.head * (pieces ? 2 : 1);
}

// DeepSpeed's defaults: 1e9 live parameters, buckets of 5e8 elements, two of them while reductions overlap.
// Source: stage3.py and stage_1_and_2.py of DeepSpeed, "zero_optimization" in its configuration.
void add_sharding(const Conditions& c, const HeldParts& held, PassingParts& parts) {
    constexpr double live = 1e9, bucket = 5e8;
    const double all = held.linear + held.rest;
    const double gradient = c.full ? 2 + c.gradient_bytes : 0;
    switch (c.sharding) {
        case Sharding::none:
            break;
        case Sharding::ddp:
            parts.gathered_layers = held.gradients;
            break;  // buckets
        case Sharding::zero1:
        case Sharding::zero2:
            parts.gathered_layers = 2 * 3 * std::min(all, bucket);
            break;
        case Sharding::zero3:
            parts.gathered_layers = 2 * std::min(all, live) + 2 * 2 * std::min(all, bucket);
            parts.gathered_root = 2 * held.head;
            if (c.offload == Offload::none) parts.step = 4 * std::min(held.trained, live);
            break;
        case Sharding::fsdp: {
            parts.gathered_layers = 2 * held.layer_bytes + held.layer * gradient;  // this layer and the next
            parts.gathered_root = 2 * held.head * (c.framework->root_has_embedding ? 2 : 1);
            parts.reduced_root = c.full ? c.gradient_bytes * held.head : 0;
        }
    }
}

// Keys and values of whole texts; the scores of all tokens that were written, which TRL keeps in float32 and stacks.
double rollout(const Conditions& c, double rows, const Stage& stage) {
    const double keys = real(kv_bytes(c.shape, c.length + c.added_tokens, static_cast<std::int64_t>(c.compute_bytes)));
    const bool scores = stage.last && !c.framework->own_kernels;
    const double tensor = real(c.degrees.tensor);
    return rows / tensor *
           (keys * stage.share + (scores ? 2 * 4 * real(c.companions.generated) * real(c.shape.vocab) : 0));
}

}  // namespace

PassingParts passing_parts(const Conditions& c, const HeldParts& held, const Fitted& fitted, const Stage& stage) {
    PassingParts parts;
    const double rows = real(c.micro_batch) * real(c.companions.texts);
    parts.tokens = rows * real(c.length + c.added_tokens) / real(c.degrees.context);
    add_activations(c, fitted, stage, parts);
    if (stage.last) add_loss(c, held, fitted, parts);
    add_sharding(c, held, parts);
    const double keys = real(c.shape.kv_heads) * real(c.shape.head_dim) / real(c.degrees.tensor);
    if (c.degrees.context > 1) parts.exchanged = 2 * 2 * keys * parts.tokens * c.compute_bytes;
    if (c.storage->quantised) parts.dequantised = 2 * std::max(largest_layer(c), c.head_quantised ? held.head : 0);
    if (c.companions.generated > 0) parts.cache = rollout(c, rows, stage);
    return parts;
}

}  // namespace ktrain
