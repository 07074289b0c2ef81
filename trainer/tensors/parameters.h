// The parameters of a model by name, in flat arenas: those that train with their gradients, and those that do not.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "core/model/tensors.h"
#include "trainer/tensors/named_tensors.h"

namespace ktrain::trainer {

// A tensor of a model. Backward passes add to `gradient`, which has the value's shape; it is undefined while the
// parameter is frozen.
struct Parameter {
    at::Tensor value;
    at::Tensor gradient;

    bool trains() const { return gradient.defined(); }
};

class Parameters {
public:
    // Declared neighbours of the same kind (trainable or not) are neighbours in memory. All are float32; values are not
    // set, gradients are zero. Errors: Error{input} when there is no memory for them.
    explicit Parameters(std::vector<TensorDecl> declarations);

    const std::vector<TensorDecl>& declarations() const { return declarations_; }
    bool has(const std::string& name) const { return places_.contains(name); }
    // Errors, here and below: Error{bug} for a name that was not declared.
    Parameter at(const std::string& name) const { return joined({name}); }
    // Tensors one under another as one: the rows of the first, then those of the second. Errors: Error{bug} when they
    // are not neighbours.
    Parameter joined(const std::vector<std::string>& names) const;

    // Values by name, in the order of declaration; views.
    NamedTensors values(bool trainable_only) const;

    // The whole arena of what trains, and the place of each declared tensor in it.
    const at::Tensor& trainable() const { return trainable_.values; }
    const at::Tensor& gradients() const { return gradients_; }
    // From a flat tensor that is laid out like trainable(): the part of one parameter, in its shape.
    at::Tensor part(const at::Tensor& flat, const TensorDecl& declaration) const;
    std::int64_t offset(const TensorDecl& declaration) const { return offset(declaration.name); }
    std::int64_t offset(const std::string& name) const { return places_.at(name).offset; }

private:
    struct Arena {
        at::Tensor values;
        std::int64_t size = 0;
    };
    struct Place {
        std::size_t declaration = 0;
        std::int64_t offset = 0;
    };

    std::vector<TensorDecl> declarations_;
    std::map<std::string, Place, std::less<>> places_;
    Arena trainable_, frozen_;
    at::Tensor gradients_;
};

}  // namespace ktrain::trainer
