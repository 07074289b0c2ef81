// The handbook's CNN: three 3x3 convolutions, two poolings, a global average and a linear classifier.
#pragma once

#include <cstdint>

#include "trainer/model/named_tensors.h"

namespace ktrain::trainer {

// Parameters named as in the handbook's nn.Sequential ("0.weight" ... "10.bias") with PyTorch's default initialisation:
// the values of torch.manual_seed(seed) followed by building the modules.
NamedTensors simple_cnn_parameters(std::int64_t input_channels, std::int64_t num_classes, std::uint64_t seed);

// Images [n, channels, height, width], float, at least 4x4, to logits [n, num_classes]; differentiable.
at::Tensor simple_cnn_forward(const NamedTensors& parameters, const at::Tensor& images);

}  // namespace ktrain::trainer
