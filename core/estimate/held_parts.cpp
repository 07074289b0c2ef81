// Weights, gradients and states by storage, sharding and stage.
#include <algorithm>
#include <cmath>

#include "core/estimate/numbers.h"
#include "core/estimate/step_parts.h"
#include "core/model/parameters.h"

namespace ktrain {
namespace {

// Of LoRA's matrices and of all that trains beside frozen weights, of all layers together.
double adapter_parameters(const Conditions& c) {
    double count = real(c.added);
    for (const LinearModule& target : c.targets)
        count += real(c.rank) * real(target.in + target.out) * real(target.layers());
    return count;
}

// Parameters that one GPU has when nothing is sharded: its stage, and its part of every layer and of the experts.
struct Share {
    double linear, experts, rest;     // the embedding and the head are in `rest`
    double embedding, head, vectors;  // of them; a tied embedding is both, on both ends of a pipeline
};

Share share_of(const Conditions& c, const ParameterParts& parts, const Stage& stage) {
    const double tensor = real(c.degrees.tensor);
    Share share{};
    const double head = real(parts.head), embedding = real(parts.embedding);
    share.embedding = (stage.first || (stage.last && parts.head == 0) ? embedding : 0) / tensor;
    share.head = (stage.last ? head : 0) / tensor;
    share.linear = real(parts.linear) * stage.share / tensor + (c.head_quantised ? share.head : 0);
    share.experts = real(parts.experts) * stage.share / tensor / real(c.degrees.expert);
    share.vectors = real(parts.rest) * stage.share / tensor;
    share.rest = share.embedding + (c.head_quantised ? 0 : share.head) + real(parts.router) * stage.share / tensor +
                 share.vectors;
    return share;
}

bool weights_away(const Conditions& c) {
    return c.offload == Offload::parameters || c.offload == Offload::both;
}

// 16-bit copies of float32 weights.
double cast_copies(const Conditions& c, const HeldParts& held, const Share& share) {
    if (c.compute_bytes >= 4) return 0;
    if (c.framework->own_kernels) {
        if (weights_away(c)) return 0;
        const double frozen = c.full ? 0 : c.storage->bytes > 2 ? held.linear + held.rest : share.vectors;
        return c.compute_bytes * (held.trained + frozen) / shards_of(c).weights;
    }
    const bool single = c.sharding == Sharding::none || c.sharding == Sharding::ddp;
    const bool casts = single && !c.storage->quantised && c.storage->bytes > c.compute_bytes;
    return casts ? c.compute_bytes * (share.linear + held.head) : 0;
}

// GPUs that share experts are among those that share all weights.
double shared_among(double shards, const Conditions& c) {
    return std::max(1.0, shards / real(c.degrees.expert));
}

double weight_bytes(const Conditions& c, const Share& share, double shards) {
    const double plain = c.storage->quantised ? 2 : c.storage->bytes;
    double bytes = (share.linear * c.storage->bytes + share.rest * plain) / shards;
    bytes += share.experts * plain / shared_among(shards, c);
    // ktrain holds vectors that do not train in float32; of other float32 values it keeps rounded copies for products.
    if (c.framework->own_kernels && !c.full) bytes += share.vectors * (4 - plain) / shards;
    return bytes;
}

// What trains, in elements of one GPU when `shards` GPUs share it.
double trained_elements(const Conditions& c, const HeldParts& held, const Share& share, double shards) {
    const double sets = real(c.companions.trained);
    if (!c.full) return sets * held.trained / shards;
    // Frozen layers have their part of the experts.
    const double experts = share.experts * held.trained / std::max(held.linear + held.rest, 1.0);
    return sets * ((held.trained - experts) / shards + experts / shared_among(shards, c));
}

void add_trained(const Conditions& c, const Share& share, HeldParts& held) {
    const Shards shards = shards_of(c);
    const bool state_away = c.offload == Offload::optimizer || c.offload == Offload::both;
    const double owned = trained_elements(c, held, share, shards.state);
    if (c.master_weights && !state_away) held.master = 4 * owned;
    double state = c.state_bytes * owned;
    if (c.state_8bit && c.full) state += (8 - c.state_bytes) * share.embedding / shards.state;
    if (!state_away && !c.paged_state) held.state = state;
    if (!c.step_in_backward && !state_away)  // an offloaded optimizer takes them as they come
        held.gradients = c.gradient_bytes * trained_elements(c, held, share, shards.gradients);
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

std::vector<Stage> stages_of(const Conditions& c) {
    const double gpus = real(c.degrees.pipeline), layers = std::max(real(layer_count(c.shape)), 1.0);
    if (gpus <= 1) return {Stage{}};
    const double parts = real(c.degrees.virtual_stages), batches = real(c.accumulation);
    const double share = std::min(1.0, parts * std::ceil(layers / (gpus * parts)) / layers);
    const double first = parts > 1 ? gpus + (gpus - 1) / parts : gpus;
    const double last = parts > 1 ? ((parts - 1) * gpus + 1) / parts : 1;
    return {Stage{share, std::min(first, batches), true, false}, Stage{share, std::min(last, batches), false, true}};
}

HeldParts held_parts(const Conditions& c, const Stage& stage) {
    const ParameterParts parts = parameter_parts(c.shape);
    const Share share = share_of(c, parts, stage);
    const Shards shards = shards_of(c);
    HeldParts held;
    held.head = share.head > 0 ? share.head : stage.last ? share.embedding : 0;
    held.linear = share.linear;
    held.rest = share.rest + share.experts;
    const double model = real(c.degrees.tensor) / stage.share;
    const double adapter = adapter_parameters(c) / model;
    held.trained = c.full ? std::max(0.0, held.linear + held.rest - real(c.frozen) / model) : adapter;
    const double layers = std::max(real(layer_count(c.shape)), 1.0) * stage.share;
    const double in_layers = held.rest - share.embedding - (c.head_quantised ? 0 : share.head);
    held.layer = (share.linear + in_layers) / layers;
    held.layer_bytes = ((c.storage->quantised ? c.storage->bytes : 2) * share.linear + 2 * in_layers) / layers;

    const double plain = c.compute_bytes * (held.linear + held.rest) / shards.weights;
    if (!weights_away(c)) {
        held.weights = weight_bytes(c, share, shards.weights);
        held.companions = real(c.companions.frozen) * plain;
        held.companions += c.compute_bytes * real(c.companions.other) / model / shards.weights;
    }
    if (c.full && c.companions.trained > 1) held.weights *= real(c.companions.trained);
    held.adapters = real(c.companions.trained) * adapter * c.adapter_bytes / shards.weights;
    held.companions += real(c.companions.adapters) * adapter * c.adapter_bytes / shards.weights;
    held.cast = cast_copies(c, held, share) * (c.full ? real(c.companions.trained) : 1);
    add_trained(c, share, held);
    return held;
}

double offloaded_bytes(const Conditions& c) {
    constexpr double pinned = 1.5;
    if (c.offload == Offload::none) return 0;
    const HeldParts held = held_parts(c);
    const Companions& others = c.companions;
    const double parts = real(c.degrees.tensor);  // `held` is of one of the GPUs that share each layer
    const double nodes = std::max(real(c.nodes), 1.0);
    const double gpus = real(c.degrees.data) * real(c.degrees.context) * parts * real(c.degrees.pipeline) / nodes;
    const double trained = held.trained * parts * real(others.trained);
    const double copies = real(others.frozen + (c.full ? others.trained : 1));
    const double all = (held.linear + held.rest) * parts * copies + real(others.other);
    if (c.sharding == Sharding::zero1 || c.sharding == Sharding::zero2)
        return trained * std::max(4 * gpus, 16.0) * pinned;  // every node has all states
    double bytes = c.offload == Offload::parameters ? 0 : 16 * trained;
    if (c.offload != Offload::optimizer) bytes += 2 * all;
    return bytes * pinned / nodes;
}

}  // namespace ktrain
