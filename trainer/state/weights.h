// The weights of a Hugging Face model folder, from its safetensors files into a model's parameters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// Names the shards of weights that are in several files.
inline constexpr std::string_view weights_index = "model.safetensors.index.json";

struct WeightsWanted {
    std::string root;   // "model.": names in a file may lack it, as those of a model saved without its head do
    bool tied = false;  // the head is the embedding: a head of its own in the file is not read
};

// Whether the folder holds weights.
bool has_weights(const std::string& folder);

// The files that hold the weights: one, or the shards that the index names. Errors: Error{input} for an index that is
// not right, and for a shard that is not there.
std::vector<std::string> weight_files(const std::string& folder);

struct LoadedWeights {
    std::vector<std::string> unused;  // names in the files that none asked for, beside buffers, which models compute
    std::string digest;               // tells these files from others: SHA-256 over names, shapes and samples
};

// Fills every parameter of `names` from model.safetensors, or from the shards of model.safetensors.index.json. Files
// are mapped, and read tensor by tensor into place; float16, bfloat16 and float64 become float32. Errors: Error{input}
// with file and tensor for weights that are missing, of another shape or type, or that hold NaN or infinity; for a
// shard that is not there; those of parse_safetensors and MappedFile.
LoadedWeights load_weights(const std::string& folder, const Parameters& parameters,
                           const std::vector<std::string>& names, const WeightsWanted& wanted);

}  // namespace ktrain::trainer
