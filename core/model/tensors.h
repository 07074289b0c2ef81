// The inventory of a model's tensors, named as Hugging Face names them: the one truth about what is stored and trained.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/shape.h"
#include "core/spec/spec.h"

namespace ktrain {

enum class Role { embedding, linear, convolution, norm, head, adapter };

struct TensorDecl {
    std::string name;
    std::vector<std::int64_t> shape;  // row-major; weights of linear layers are [out, in], but [in, out] in GPT-2
    std::string dtype;
    Role role = Role::linear;
    bool trainable = true;

    std::int64_t elements() const;
};

// The tensors of simple_cnn (names of the handbook's nn.Sequential) and of the families of core/model/family.h, with
// the LoRA matrices of `method` for lora and qlora. `dtype` is that of the stored weights. Errors: Error{input} for
// another family, and for a target module that the model does not have.
std::vector<TensorDecl> inventory(const ModelShape& shape, const MethodSpec& method, std::string_view dtype);

bool has_inventory(const ModelShape& shape);

// The linear layers that get LoRA matrices: `target_modules` by their last name, or {"all-linear"}; q_proj and v_proj
// when empty. Errors: Error{input} with the nearest name for a module that the model does not have.
std::vector<LinearModule> lora_targets(const ModelShape& shape, const MethodSpec& method);

// Where PEFT keeps the matrices of an adapted module: "base_model.model.model.layers.0.self_attn.q_proj".
std::string adapter_place(std::string_view module);

// What B A x is multiplied by: lora_alpha / r.
double lora_scale(const MethodSpec& method);

// r * (in + out) for each target in each layer. Errors: as lora_targets.
std::int64_t lora_parameters(const ModelShape& shape, const MethodSpec& method);

}  // namespace ktrain
