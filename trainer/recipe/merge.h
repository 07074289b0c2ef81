// An adapter folded into the weights of its base model.
#pragma once

#include <string>

#include "trainer/report/host.h"

namespace ktrain::trainer {

struct MergeRequest {
    std::string adapter;  // folder with adapter_config.json and adapter_model.safetensors
    std::string base;     // folder of the base model; empty: the one that adapter_config.json names
    std::string output;   // folder to be made
};

// W + scale * B A for every adapted weight, by DoRA with rows of the trained lengths, computed in float32 and stored in
// the type that the base has, shard by shard: no more than the changed tensors of one shard are in memory. The base's
// config and what else transformers reads is copied, and the tokenizer of the adapter where it has one. A head that was
// the embedding becomes one of its own when the adapter has either as a whole. Returns the signal that stopped it, or
// 0. Errors: Error{input} for an adapter of another base or kind, for a base in 4 or 8 bits, and for files that are not
// whole; what writing files throws. The output folder appears whole or not at all.
int merge_adapter(const MergeRequest& request, const Host& host);

}  // namespace ktrain::trainer
