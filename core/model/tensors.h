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

// The tensors of simple_cnn (names of the handbook's nn.Sequential) and of the families of core/model/family.h. With
// LoRA: its tensors too, and a head of its own where modules_to_save takes embedding or head out of a tie. A head that
// scores texts takes the place of the vocabulary's, and is trained with every method. `dtype` is
// that of the stored weights. Errors: Error{input} for another family, and for modules that `method` names and that the
// model does not have or cannot treat so.
std::vector<TensorDecl> inventory(const ModelShape& shape, const MethodSpec& method, std::string_view dtype);

bool has_inventory(const ModelShape& shape);

// The elements of what trains in a model whose tensors are known. Errors: as inventory.
std::int64_t trainable_parameters(const ModelShape& shape, const MethodSpec& method);

// The module of a tensor: "model.norm" of "model.norm.weight".
std::string_view module_of(std::string_view tensor);

}  // namespace ktrain
