// An adapter folder of PEFT with LoRA matrices, read.
#pragma once

#include <map>
#include <string>

#include "core/model/method_lora.h"
#include "trainer/data/mapped_file.h"
#include "trainer/tensors/named_tensors.h"

namespace ktrain::trainer {

// The change of one module's weight. All in float32.
struct LoraPair {
    at::Tensor a_RI, b_OR;
    at::Tensor magnitude_O;  // of DoRA, else undefined
    double scale = 1;
};

class AdapterFolder {
public:
    // Errors: Error{input} for a folder that PEFT did not write, those of read_lora_config, and for tensors that do not
    // fit each other or the config.
    explicit AdapterFolder(const std::string& path);

    const std::string& path() const { return path_; }
    const LoraConfig& config() const { return config_; }
    // By the module's name in the base model ("model.layers.0.self_attn.q_proj").
    const std::map<std::string, LoraPair>& pairs() const { return pairs_; }
    // Whole tensors in place of the base's (modules_to_save), by their name there.
    const std::map<std::string, at::Tensor>& replaced() const { return replaced_; }

    // Of its head that scores texts; 0: it has none.
    std::int64_t labels() const;

private:
    void check_pairs(const std::string& config_file);
    void check_replaced() const;

    std::string path_;
    LoraConfig config_;
    MappedFile file_;
    std::map<std::string, LoraPair> pairs_;
    std::map<std::string, at::Tensor> replaced_;
};

}  // namespace ktrain::trainer
