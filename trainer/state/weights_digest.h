// A digest that tells the weights of a model folder from others of the same shapes.
#pragma once

#include <set>
#include <string>

namespace ktrain::trainer {

struct WeightsDigest {
    std::set<std::string> dtypes;  // of the files, by their names in safetensors: "F32"
    // SHA-256 over names, shapes and samples of the values, rounded to bfloat16: weights in float32 and their copy in
    // bfloat16 are the same, however they are cut into files. Heads do not count: a tied one may be written or not, and
    // adapters bring their own.
    std::string sha256;
};

// `root`: of the model's names ("model."), which files may lack. Errors: those of weight_files, parse_safetensors and
// MappedFile.
WeightsDigest digest_of_weights(const std::string& folder, const std::string& root);

}  // namespace ktrain::trainer
