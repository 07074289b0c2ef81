// Operations with hand-written backward passes, as nodes of libtorch's autograd.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace ktrain::trainer {

// From the gradient of the output (contiguous) to those of the inputs; undefined where none is needed.
using Backward = std::function<std::vector<at::Tensor>(const at::Tensor& gradient)>;

// `output`, computed without recording, becomes the result of an operation on `inputs`. `backward` runs once at most
// and is dropped then, with all that it holds; it must not hold the output. It may add to gradients of parameters
// itself: an operation is recorded for their sake when `trains`, even if no input needs a gradient.
at::Tensor differentiable(at::Tensor output, at::TensorList inputs, bool trains, Backward backward);

// Whether differentiable() would record.
bool records(at::TensorList inputs, bool trains);

// What a Backward may call in place of a kernel: the gradients of `forward` at these inputs, from that of its result,
// by running it again under autograd. `forward` is made of libtorch's operations and uses every input.
using Forward = std::function<at::Tensor(const std::vector<at::Tensor>& inputs)>;
std::vector<at::Tensor> gradients_of(const Forward& forward, const std::vector<at::Tensor>& inputs,
                                     const at::Tensor& gradient);

}  // namespace ktrain::trainer
