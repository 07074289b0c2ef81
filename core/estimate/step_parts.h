// The components of a step's memory as numbers, before they become lines and phases.
#pragma once

#include "core/estimate/conditions.h"
#include "core/estimate/step_memory.h"

namespace ktrain {

// How many GPUs share a thing.
struct Shards {
    double weights = 1, gradients = 1, state = 1;
};
Shards shards_of(const Conditions& conditions);

// Weights and what belongs to them, in bytes on one GPU for the whole step.
struct HeldParts {
    double linear = 0, rest = 0;  // parameters: quantised with the storage type, and not
    double weights = 0, adapters = 0, master = 0, state = 0;
    double cast = 0;       // 16-bit copies that autocast makes of float32 weights
    double gradients = 0;  // all of them
    double trained = 0;    // parameters
    double head = 0;       // parameters of the head, or of the embedding in its place
    double layer = 0;      // parameters of one layer
};
HeldParts held_parts(const Conditions& conditions);

// What comes and goes within a step, in bytes on one GPU.
struct PassingParts {
    double tokens = 0;       // of a micro-batch on this GPU
    double kept = 0;         // by layers, or the inputs of layers that are computed again
    double layer = 0;        // values of the layer whose backward pass runs, with their gradients
    double logits = 0;       // and their gradient, at the peak of the loss
    double logits_left = 0;  // while the head's gradient is computed
    double head_gradient = 0;
    double gathered_layers = 0, gathered_root = 0, reduced_root = 0;  // unsharded weights and gradients
    double dequantised = 0;
    double step = 0;  // copies that the optimizer makes
};
PassingParts passing_parts(const Conditions& conditions, const HeldParts& held, const Fitted& fitted);

}  // namespace ktrain
