// A linear layer with its LoRA matrices, forward and backward, on tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/spec/kernels.h"
#include "trainer/kernel/gemm.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// LoRA on some rows of a weight: y[:, begin:end] += scale * (x A^T) B^T. Source: Hu et al. 2021.
struct Adapter {
    std::int64_t begin = 0, end = 0;
    Parameter a_RI, b_OR;
    Parameter magnitude_O;  // of DoRA (trainer/model/dora.h); value undefined: none
    double scale = 1;
    double dropout = 0;        // rate, on the way into A
    std::uint64_t number = 0;  // tells the adapters of a model apart

    bool has_magnitude() const { return magnitude_O.value.defined(); }
};

struct Linear {
    Parameter weight;         // [out, in], or [in, out] when transposed
    Parameter bias_O;         // value undefined: none
    bool transposed = false;  // as GPT-2 stores it
    std::vector<Adapter> adapters;

    bool trains() const { return weight.trains() || bias_O.trains() || !adapters.empty(); }
    bool has_magnitudes() const { return !adapters.empty() && adapters.front().has_magnitude(); }
    // Views as [out, in], for products: the whole weight, and the rows that an adapter is for.
    at::Tensor weight_OI() const { return transposed ? weight.factor().t() : weight.factor(); }
    at::Tensor weight_OI(const Adapter& adapter) const { return weight_OI().slice(0, adapter.begin, adapter.end); }
};

// What the backward pass needs of one adapter beside the input.
struct AdapterSaved {
    at::Tensor low_NR;           // x A^T
    at::Tensor norms_O, sum_NO;  // of DoRA: what the magnitude is divided by, and what the quotient multiplies
};

struct LinearSaved {
    std::uint64_t noise = 0;  // set by the caller: decides what dropout drops; 0: nothing
    Kernels kernels = {};     // and what drops it
    std::vector<AdapterSaved> adapters;
};

// Of the type of the weight's factor(), as x is.
at::Tensor linear_forward(const LinearAlgebra& algebra, const Linear& linear, const at::Tensor& x_NI,
                          LinearSaved& saved);
// Adds to the gradients of what trains. `gradient` of y may be float32 too. Returns dx, undefined unless `needs_dx`.
at::Tensor linear_backward(const LinearAlgebra& algebra, const Linear& linear, const LinearSaved& saved,
                           const at::Tensor& x_NI, const at::Tensor& gradient_NO, bool needs_dx);

}  // namespace ktrain::trainer
