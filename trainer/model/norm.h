// RMSNorm and layer norm with their backward passes, on tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include "core/spec/kernels.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

struct Norm {
    Parameter weight_D;
    Parameter bias_D;  // value defined: layer norm, else RMSNorm
    double epsilon = 1e-6;
    double offset = 0;  // added to the weight of RMSNorm: 1 for Gemma

    bool trains() const { return weight_D.trains() || bias_D.trains(); }
};

// What the backward pass needs beside the input.
struct NormMoments {
    at::Tensor mean_N, inverse_N;  // layer norm has a mean
};

// x [n, width of the weight], float32 and contiguous; the result is of `type`. No call records for autograd. All calls
// for one x take the same `kernels`.
at::Tensor norm_forward(Kernels kernels, const Norm& norm, const at::Tensor& x_ND, NormMoments& moments,
                        at::ScalarType type);
// The same once more.
at::Tensor norm_again(Kernels kernels, const Norm& norm, const at::Tensor& x_ND, const NormMoments& moments,
                      at::ScalarType type);
// dx, float32, from dy, which it may overwrite; adds to the gradients of the weights.
at::Tensor norm_backward(Kernels kernels, const Norm& norm, const at::Tensor& x_ND, const NormMoments& moments,
                         const at::Tensor& dy_ND);

}  // namespace ktrain::trainer
