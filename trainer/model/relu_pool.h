// ReLU followed by 2x2 max pooling as one differentiable operation.
#pragma once

#include <ATen/core/Tensor.h>

namespace ktrain::trainer {

// The same values and gradients as max_pool2d(relu(x), 2) for a float tensor [n, channels, height, width]; an odd last
// row or column is left out. On the CPU it is many times faster than the two: one pass, one byte of memory an output.
at::Tensor relu_pool(const at::Tensor& input);

}  // namespace ktrain::trainer
