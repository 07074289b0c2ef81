// The components of a step's memory as numbers, before they become lines and phases.
#pragma once

#include <vector>

#include "core/estimate/conditions.h"

namespace ktrain {

// What was fitted rather than derived. docs/estimate.md says to what, and how the fit does on rows it has not seen.
struct Fitted {
    double selective_kept = 0.45;  // share of a layer's activations that selective checkpointing keeps
    double logits_fp32 = 14;       // bytes of a logit: 2 + 4 (float32) + 4 (log-softmax) + 4 (its gradient)
    double varying = 1.75;         // of values that come and go, where the lengths of batches differ
};

// How many GPUs share a thing.
struct Shards {
    double weights = 1, gradients = 1, state = 1;
};
Shards shards_of(const Conditions& conditions);

// The part of the model that one GPU of a pipeline has. Without a pipeline: all of it.
struct Stage {
    double share = 1;      // of the layers
    double in_flight = 1;  // micro-batches whose activations wait for their backward pass
    bool first = true;     // has the embedding
    bool last = true;      // has the head and the loss
};
// The first and the last, which hold the most. Source: Narayanan et al. 2021, and the warm-up of Megatron-LM's
// schedules: the first GPU of p holds min(p, micro-batches), interleaved in v parts p + (p - 1) / v.
std::vector<Stage> stages_of(const Conditions& conditions);

// Weights and what belongs to them, in bytes on one GPU for the whole step.
struct HeldParts {
    double linear = 0, rest = 0;  // parameters: quantised with the storage type, and not
    double weights = 0, adapters = 0, master = 0, state = 0;
    double companions = 0;   // models and adapters beside those that train
    double cast = 0;         // 16-bit copies that autocast makes of float32 weights
    double gradients = 0;    // all of them
    double trained = 0;      // parameters
    double head = 0;         // parameters of the head, or of the embedding in its place; 0 where another GPU has it
    double layer = 0;        // parameters of one layer
    double layer_bytes = 0;  // of it when it is gathered
    double all() const { return weights + adapters + master + state + companions + cast; }
};
HeldParts held_parts(const Conditions& conditions, const Stage& stage = {});

// What comes and goes within a step, in bytes on one GPU.
struct PassingParts {
    double tokens = 0;         // of a micro-batch on this GPU
    double kept = 0;           // by layers, or the inputs of layers that are computed again
    double layer = 0;          // values of the layer whose backward pass runs, with their gradients
    double logits = 0;         // and their gradient, at the peak of the loss
    double second_logits = 0;  // of the reference or the teacher
    double logits_left = 0;    // while the head's gradient is computed
    double head_gradient = 0;
    double gathered_layers = 0, gathered_root = 0, reduced_root = 0;  // unsharded weights and gradients
    double exchanged = 0;  // keys and values on their way among the GPUs of a sequence
    double dequantised = 0;
    double cache = 0;  // keys and values of texts that are being written
    double step = 0;   // copies that the optimizer makes
};
PassingParts passing_parts(const Conditions& conditions, const HeldParts& held, const Fitted& fitted,
                           const Stage& stage = {});

// Bytes that offloading takes of the memory of one node, pinned buffers included. Source: the estimates of DeepSpeed's
// stage_1_and_2.py and stage3.py, with their factor of 1.5.
double offloaded_bytes(const Conditions& conditions);

}  // namespace ktrain
