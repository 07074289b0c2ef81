// The layers of a decoder, fused as they pay: each computes in one go what stands between two matrices.
//
// Shape suffixes: N rows (batch times length), D hidden size, I inputs and O outputs of a linear layer, V vocabulary,
// F inner size of the MLP. All tensors are contiguous. The stream from layer to layer (x_ND) is float32; what stands
// between the matrices of a layer has the type of their factors, float32 or bfloat16.
#pragma once

#include <ATen/core/Tensor.h>

#include "trainer/kernel/attention.h"
#include "trainer/kernel/gated.h"
#include "trainer/model/linear.h"
#include "trainer/model/norm.h"

namespace ktrain::trainer {

// What stands between the matrices of an MLP.
struct Inner {
    Activation activation = Activation::silu;
    bool gated = true;  // act(gate) * up, gates and ups of a row side by side; else act(up)
};

struct HeadNorms {
    Norm query, key;  // of the width of a head
};

struct TokenLoss {
    at::Tensor scaled;  // the sum times the scale; differentiable
    double sum = 0;
    std::int64_t correct = 0;  // rows where no other token is likelier
    at::Tensor losses, right;  // of each row with a label, in their order: its loss, and whether it is correct
};

class Layers {
public:
    // `noise` decides what dropout drops; 0: nothing, as in evaluation. What `kernels` leaves out is computed by the
    // plain twin (trainer/model/plain.h); the products are those of `gemm` all the same.
    Layers(Gemm gemm, Kernels kernels, std::uint64_t noise) : algebra_(gemm), kernels_(kernels), noise_(noise) {}

    // Rows of the table. `ids` [N] of int64.
    at::Tensor embed(const at::Tensor& ids_N, const Parameter& table_VD, double scale) const;
    // norm(x) + residual.
    at::Tensor norm_add(const at::Tensor& x_ND, const Norm& norm, const at::Tensor& residual_ND) const;
    // linear(norm(x)); the normed rows are computed again in the backward pass instead of kept.
    at::Tensor norm_linear(const at::Tensor& x_ND, const Norm& norm, const Linear& linear) const;
    // linear(x) + residual; without one where it is undefined.
    at::Tensor linear_add(const at::Tensor& x_NI, const Linear& linear, const at::Tensor& residual_NO) const;
    // linear(inner(h)) + residual; without one where it is undefined.
    at::Tensor inner_linear_add(const at::Tensor& h, const Inner& inner, const Linear& linear,
                                const at::Tensor& residual_ND) const;
    // Queries and keys normed head by head; `shape` says where they are.
    at::Tensor norm_heads(const at::Tensor& qkv, const HeadNorms& norms, const Attention& shape) const;
    // What `shape` points to must outlive the backward pass.
    at::Tensor attend(const at::Tensor& qkv, const Attention& shape) const;
    // The cross-entropies of linear(norm(x)) at the rows whose label is not negative. Logits exist for a few rows at a
    // time only; gradients, of `scale` times the sum, are computed on the way.
    TokenLoss cross_entropy(const at::Tensor& x_ND, const Norm& norm, const Linear& head, const at::Tensor& labels_N,
                            double soft_cap, double scale) const;

private:
    LinearAlgebra algebra_;
    Kernels kernels_;
    std::uint64_t noise_;
};

}  // namespace ktrain::trainer
