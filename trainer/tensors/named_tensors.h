// Tensors by name: what a model, an optimizer's state and a checkpoint are made of.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace ktrain::trainer {

struct NamedTensor {
    std::string name;
    at::Tensor value;
};

// In the order of the model; names are unique.
using NamedTensors = std::vector<NamedTensor>;

}  // namespace ktrain::trainer
