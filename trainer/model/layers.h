// The layers of a decoder, fused as they pay: each computes in one go what stands between two matrices.
//
// Shape suffixes: N rows (batch times length), D hidden size, I inputs and O outputs of a linear layer, V vocabulary,
// F inner size of the MLP. All tensors are float32 and contiguous.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "trainer/kernel/attention.h"
#include "trainer/kernel/gated.h"
#include "trainer/kernel/gemm.h"

namespace ktrain::trainer {

// A tensor of the model. Backward passes add to `gradient`, which has the value's shape; it is undefined while the
// parameter is frozen.
struct Parameter {
    at::Tensor value;
    at::Tensor gradient;

    bool trains() const { return gradient.defined(); }
};

// LoRA on some rows of a weight: y[:, begin:end] += scale * (x A^T) B^T. Source: Hu et al. 2021.
struct Adapter {
    std::int64_t begin = 0, end = 0;
    Parameter a_RI, b_OR;
    double scale = 1;
};

struct Linear {
    Parameter weight_OI;
    Parameter bias_O;  // value undefined: none
    std::vector<Adapter> adapters;

    bool trains() const;
};

struct Norm {
    Parameter weight_D;
    double epsilon = 1e-6;
    double offset = 0;  // added to the weight: 1 for Gemma
};

class Layers {
public:
    explicit Layers(Gemm gemm) : algebra_(gemm) {}

    // Rows of the table. `ids` [N] of int64.
    at::Tensor embed(const at::Tensor& ids_N, const Parameter& table_VD, double scale) const;
    at::Tensor norm(const at::Tensor& x_ND, const Norm& norm) const;
    // linear(norm(x)); the normed rows are computed again in the backward pass instead of kept.
    at::Tensor norm_linear(const at::Tensor& x_ND, const Norm& norm, const Linear& linear) const;
    at::Tensor linear(const at::Tensor& x_NI, const Linear& linear) const;
    // linear(x) + residual.
    at::Tensor linear_add(const at::Tensor& x_NI, const Linear& linear, const at::Tensor& residual_NO) const;
    // linear(act(gate) * up) + residual, from the gates and ups of each row side by side.
    at::Tensor gated_linear_add(const at::Tensor& gate_up_N2F, Activation activation, const Linear& linear,
                                const at::Tensor& residual_ND) const;
    // The tables that `shape` points to must outlive the backward pass.
    at::Tensor attend(const at::Tensor& qkv, const Attention& shape) const;
    // The sum of the cross-entropies of linear(norm(x)) at the rows whose label is not negative, times `scale`. Logits
    // exist for a few rows at a time only; gradients are computed on the way.
    at::Tensor cross_entropy(const at::Tensor& x_ND, const Norm& norm, const Linear& head, const at::Tensor& labels_N,
                             double soft_cap, double scale) const;

private:
    struct Saved {  // of a linear layer: x A^T of each adapter
        std::vector<at::Tensor> low_NR;
    };
    at::Tensor forward(const Linear& linear, const at::Tensor& x_NI, Saved& saved) const;
    at::Tensor backward(const Linear& linear, const Saved& saved, const at::Tensor& x_NI, const at::Tensor& dy_NO,
                        bool needs_dx) const;
    LinearAlgebra algebra_;
};

}  // namespace ktrain::trainer
