// An adapter folder of PEFT with LoRA matrices, read.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "trainer/data/mapped_file.h"
#include "trainer/tensors/named_tensors.h"

namespace ktrain::trainer {

// The change of one module's weight.
struct LoraPair {
    at::Tensor a_RI, b_OR;  // float32
    double scale = 1;
};

class AdapterFolder {
public:
    // Errors: Error{input} for a folder that PEFT did not write, another method than LoRA, an option that is not known
    // here (DoRA, biases), or matrices that do not fit each other.
    explicit AdapterFolder(const std::string& path);

    const std::string& base() const { return base_; }  // base_model_name_or_path
    bool transposed() const { return transposed_; }    // fan_in_fan_out: weights are [in, out]
    // By the module's name in the base model ("model.layers.0.self_attn.q_proj").
    const std::map<std::string, LoraPair>& pairs() const { return pairs_; }
    // Whole tensors in place of the base's (modules_to_save), by their name there.
    const std::map<std::string, at::Tensor>& replaced() const { return replaced_; }

private:
    std::string path_, base_;
    bool transposed_ = false;
    MappedFile file_;
    std::map<std::string, LoraPair> pairs_;
    std::map<std::string, at::Tensor> replaced_;
};

}  // namespace ktrain::trainer
