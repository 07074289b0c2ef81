// The handbook's CNN: three 3x3 convolutions, two poolings, a global average and a linear classifier.
#pragma once

#include <cstdint>

#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// Declared as core's inventory of simple_cnn, with PyTorch's default initialisation: the values of
// torch.manual_seed(seed) followed by building the modules.
Parameters simple_cnn_parameters(std::int64_t input_channels, std::int64_t num_classes, std::uint64_t seed);

class SimpleCnn {
public:
    // Gradients of a backward pass are added to those of `parameters`, which must outlive it.
    explicit SimpleCnn(const Parameters& parameters);

    // Images [n, channels, height, width], float, at least 4x4, to logits [n, num_classes]; differentiable.
    at::Tensor forward(const at::Tensor& images) const;

private:
    std::vector<at::Tensor> values_;  // weight and bias of each layer, in order
};

}  // namespace ktrain::trainer
