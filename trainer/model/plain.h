// The plain twins of the kernels: the same numbers by libtorch's own operations, whose gradients are autograd's.
//
// They stand in for kernels that are switched off, and are what the tests hold the kernels against. They take more
// memory and time. Values in bfloat16 are widened first, and what comes out is rounded once, as the kernels do it.
#pragma once

#include <ATen/core/Tensor.h>

#include "trainer/kernel/attention.h"
#include "trainer/kernel/dropout.h"
#include "trainer/kernel/gated.h"
#include "trainer/model/norm.h"

namespace ktrain::trainer {

// Like attention(): [batch * length, heads * head_dim] of the type of qkv. What `shape` points to is only read, and
// must outlive a backward pass.
at::Tensor plain_attention(const Attention& shape, const at::Tensor& qkv);

// Like cross_entropy(): the loss of each row, float32.
at::Tensor plain_cross_entropy(const at::Tensor& logits_NV, const at::Tensor& labels_N, double soft_cap);

// Like drop(), of float32: the very same values fall.
at::Tensor plain_drop(const Dropout& dropout, const at::Tensor& x);

// Like gated(): [rows, width] of the type of gate_up.
at::Tensor plain_gated(Activation activation, const at::Tensor& gate_up);

// Like rms_norm(), or layer norm where there is a bias. Of `norm` it takes the numbers alone: the weights may be leaves
// of another graph.
at::Tensor plain_norm(const Norm& norm, const at::Tensor& x_ND, const at::Tensor& weight_D, const at::Tensor& bias_D);

}  // namespace ktrain::trainer
