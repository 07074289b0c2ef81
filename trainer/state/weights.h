// The weights of a Hugging Face model folder, from its safetensors files into a model's parameters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trainer/state/checkpoint.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// Weights that are in one file.
inline constexpr std::string_view whole_weights = "model.safetensors";
// Names the shards of weights that are in several files.
inline constexpr std::string_view weights_index = "model.safetensors.index.json";

// Beyond this many bytes weights are written in shards, as by transformers.
inline constexpr std::uint64_t max_shard_size = 50'000'000'000;

// model.safetensors, or its shards with their index, each of at most `max_bytes` unless one tensor is larger. The
// content stays where the tensors have it.
std::vector<CheckpointFile> weight_shards(const NamedTensors& tensors, std::uint64_t max_bytes);

struct WeightsWanted {
    std::string root;   // "model.": names in a file may lack it, as those of a model saved without its head do
    bool tied = false;  // a head for the next token in the files is not read: it is the embedding, or not wanted
};

// Whether the folder holds weights.
bool has_weights(const std::string& folder);
// Whether it holds some that only Python's pickle reads: of a whole model or of an adapter.
bool has_pickled_weights(const std::string& folder);

// The files that hold the weights: one, or the shards that the index names. Errors: Error{input} for an index that is
// not right, and for a shard that is not there.
std::vector<std::string> weight_files(const std::string& folder);

enum class Types { same, any_float };

// Fills `wanted` with the tensors that the files hold together, neither more nor fewer, by name. `owner`: whose they
// are. Files are mapped, and let go of tensor by tensor. Errors: Error{input} when names, shapes or types differ; those
// of parse_safetensors and MappedFile.
void load_tensors(const std::vector<std::string>& paths, std::string_view owner, NamedTensors wanted, Types types);

struct LoadedWeights {
    std::vector<std::string> unused;  // printable names in the files that none asked for, beside computed buffers
    std::string digest;               // tells these files from others: SHA-256 over names, shapes and samples
};

// Whether load_weights() will find these tensors, by the headers of the files alone: in milliseconds. Errors:
// Error{input} with file and tensor for weights that are missing, or of another shape or type; for a shard that is not
// there; those of parse_safetensors and MappedFile.
void check_weights(const std::string& folder, const std::vector<TensorDecl>& tensors, const WeightsWanted& wanted);

// Fills the parameters of `tensors` from model.safetensors, or from the shards of model.safetensors.index.json. Files
// are mapped, and read tensor by tensor into place; float16, bfloat16 and float64 become float32. Errors: those of
// check_weights, and Error{input} for weights that hold NaN or infinity.
LoadedWeights load_weights(const std::string& folder, const Parameters& parameters,
                           const std::vector<TensorDecl>& tensors, const WeightsWanted& wanted);

}  // namespace ktrain::trainer
