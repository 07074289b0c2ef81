// LoRA with rsLoRA and DoRA: which modules it changes and by how much, the tensors that it adds, and PEFT's words for
// it. Source: Hu et al. 2021, Kalajdzievski 2023, Liu et al. 2024; peft/tuners/lora and peft/utils/other.py of PEFT
// 0.21.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/tensors.h"
#include "core/spec/module_values.h"

namespace ktrain {

bool uses_lora(const MethodSpec& method);

// PEFT's name for the training of a model that scores texts.
inline constexpr std::string_view scoring_task = "SEQ_CLS";

// What adapter_config.json says, by PEFT's names.
struct LoraConfig {
    std::string base_model_name_or_path;
    std::string task_type = "CAUSAL_LM";
    std::vector<std::string> target_modules, modules_to_save;
    std::int64_t r = 8;
    double lora_alpha = 16, lora_dropout = 0;
    bool use_rslora = false, use_dora = false;
    bool fan_in_fan_out = false;  // weights are stored [in, out]
    std::vector<std::pair<std::string, double>> rank_pattern, alpha_pattern;
};

// Errors: as lora_targets; Error{input} for a pattern whose value is no number above 0, that is no regular expression,
// or, with the nearest name, that fits no module with matrices.
LoraConfig lora_config(const ModelShape& shape, const MethodSpec& method);

// The text of adapter_config.json: keys sorted, two spaces, the fields that every version of PEFT knows.
std::string to_text(const LoraConfig& config);

// From such a text. Errors: Error{input} for another method than LoRA, an option that is not known here (biases,
// activated LoRA, ...) and a value that is no number above 0; those of parse_json.
LoraConfig read_lora_config(std::string_view text, const std::string& file);

// What a LoraConfig means for a module of the base model, such as "model.layers.0.self_attn.q_proj".
class Lora {
public:
    // Errors: Error{input} for a pattern that is no regular expression.
    explicit Lora(const LoraConfig& config);

    std::int64_t rank(const std::string& module) const;
    // What B A x is multiplied by: alpha / rank, or alpha / sqrt(rank) of rsLoRA.
    double scale(const std::string& module) const;
    // Whether it is trained whole: its name ends with one of modules_to_save.
    bool saves(std::string_view module) const;
    // Whether a target of that name gets matrices: not one that modules_to_save names, alone or with what is around it.
    bool adapts(std::string_view module) const;
    // lora_A [rank, in], lora_B [out, rank] and, of DoRA, lora_magnitude_vector [out], by PEFT's names. PEFT keeps them
    // in float32 beside a 16-bit base.
    std::vector<TensorDecl> tensors(const LinearModule& layer, const std::string& module) const;
    // `modules`: all that have tensors. Errors: Error{input} for one of modules_to_save that the name of none ends
    // with, that names a group of modules, or that gets matrices as well.
    void check_saved(const std::vector<std::string>& modules) const;

private:
    LoraConfig config_;
    spec::ModuleValues ranks_, alphas_;
};

// "q_proj" of "self_attn.q_proj".
std::string_view last_name(std::string_view module);

// The linear layers that `words` name by their last names, or {"all-linear"}. `field`: of the spec, for messages.
// Errors: Error{input} with the nearest name for a module that the model does not have.
std::vector<LinearModule> named_modules(const ModelShape& shape, const std::vector<std::string>& words,
                                        const std::string& field);

// The linear layers that get LoRA matrices: those that target_modules names; when it is empty, queries and values.
// Errors: as named_modules; Error{input} for latent attention without target_modules.
std::vector<LinearModule> lora_targets(const ModelShape& shape, const MethodSpec& method);

// Where PEFT keeps what belongs to a module: "base_model.model.model.layers.0.self_attn.q_proj".
std::string adapter_place(std::string_view module);

// The elements of all that trains: matrices, magnitudes and modules_to_save. Errors: as lora_targets and inventory.
std::int64_t lora_parameters(const ModelShape& shape, const MethodSpec& method);

}  // namespace ktrain
