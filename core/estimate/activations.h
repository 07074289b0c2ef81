// What a layer keeps of its input for the backward pass, and what computing that pass takes, in bytes of one token.
#pragma once

#include <string>

#include "core/estimate/conditions.h"

namespace ktrain {

// Parts of one layer. Source: what autograd saves for the operations of transformers' and torchtune's decoders.
struct KeptByLayer {
    double norms = 0;      // inputs in float32, and normed values where the weight of the norm trains
    double inputs = 0;     // of linear layers that train, or that keep them without need
    double attention = 0;  // queries, keys, values, result, and a log-sum-exp for each head
    double scores = 0;     // of attention without a fused kernel; grows with the length
    double mlp = 0;        // gate, its activation, up
    double experts = 0;    // the same of routed experts, with the inputs and results that they were sent
    double adapters = 0;   // inputs in the adapters' type, dropout masks, low-rank values

    double total() const { return norms + inputs + attention + scores + mlp + experts + adapters; }
    std::string formula() const;  // "norms 32,768 + inputs 16,384 + ..."
};

// Layers with a dense MLP and, of a mixture of experts, those with routed experts.
KeptByLayer kept_by_dense_layer(const Conditions& conditions);
KeptByLayer kept_by_expert_layer(const Conditions& conditions);

// The same of ktrain's kernels (trainer/model/layers.cpp): the stream in float32, what is between matrices in the type
// of their factors; normed rows and what stands before the last matrix of an MLP are computed again.
KeptByLayer kept_by_own_layer(const Conditions& conditions);

// Layers that have the module, of all.
double share_of_layers(const LinearModule& module, const Conditions& conditions);

// Gradients of values inside a layer while its backward pass runs.
double working_set(const Conditions& conditions);

}  // namespace ktrain
