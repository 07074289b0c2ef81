// The parameters of a model by name, in flat arenas: those that train with their gradients, and those that do not.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "core/model/tensors.h"
#include "trainer/tensors/named_tensors.h"

namespace ktrain::trainer {

// A tensor of a model. Backward passes add to `gradient`, float32 of the value's shape; it is undefined while the
// parameter is frozen.
struct Parameter {
    at::Tensor value;  // float32, but for frozen matrices that are declared bfloat16
    at::Tensor gradient;
    at::Tensor rounded;  // bfloat16 copy of a float32 value, for products; undefined where there is none

    bool trains() const { return gradient.defined(); }
    // What products are computed with.
    const at::Tensor& factor() const { return rounded.defined() ? rounded : value; }
};

class Parameters {
public:
    // Declared neighbours of the same kind (trainable or not) are neighbours in memory. With `compute` bfloat16 what is
    // float32 has a rounded copy, and frozen matrices may be declared bfloat16. Values are not set, gradients are zero.
    // Errors: Error{input} when there is no memory for them.
    explicit Parameters(std::vector<TensorDecl> declarations, at::ScalarType compute = at::kFloat);

    // Of products.
    at::ScalarType compute() const { return compute_; }
    // Make rounded copies anew: to be called when values have changed, of frozen tensors too or of the others only.
    void round_all() const;
    void round_trained() const;

    const std::vector<TensorDecl>& declarations() const { return declarations_; }
    bool has(const std::string& name) const { return places_.contains(name); }
    // Errors, here and below: Error{bug} for a name that was not declared.
    Parameter at(const std::string& name) const { return joined({name}); }
    // Tensors one under another as one: the rows of the first, then those of the second. Errors: Error{bug} when they
    // are not neighbours.
    Parameter joined(const std::vector<std::string>& names) const;

    // What values take in memory, and all rounded copies.
    std::int64_t bytes(bool trainable) const;
    std::int64_t rounded_bytes() const;

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
        at::Tensor values, rounded;
        std::int64_t size = 0;
    };
    struct Place {
        std::size_t declaration = 0;
        std::int64_t offset = 0;
    };

    std::vector<TensorDecl> declarations_;
    std::map<std::string, Place, std::less<>> places_;
    Arena Parameters::*home_of(const TensorDecl& declaration) const;

    at::ScalarType compute_;
    Arena trainable_, frozen_, small_;  // small: bfloat16
    at::Tensor gradients_;
};

}  // namespace ktrain::trainer
