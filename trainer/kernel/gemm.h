// Products of large matrices: y = x W^T and its two gradients, by the fastest library routine of this processor.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string_view>

namespace ktrain::trainer {

// How the products are computed. A run keeps to one: their last digits differ.
enum class Gemm { aten, onednn };

// "aten" and "onednn": as a checkpoint names them.
std::string_view name_of(Gemm gemm);
// Nothing for another name, and for one that this machine does not have.
std::optional<Gemm> find_gemm(std::string_view name);

// oneDNN where the processor has AVX-512 and libtorch the operator; MKL takes an AVX2 path on such AMD processors.
Gemm best_gemm();

class LinearAlgebra {
public:
    explicit LinearAlgebra(Gemm gemm);

    // a [m, k] times b [n, k] transposed: [m, n]. Both may be views with any strides.
    at::Tensor multiply(const at::Tensor& a_MK, const at::Tensor& b_NK) const;
    // c [m, n] += a times b transposed.
    void add_product(const at::Tensor& c_MN, const at::Tensor& a_MK, const at::Tensor& b_NK) const;

    Gemm gemm() const { return gemm_; }

private:
    Gemm gemm_;
};

}  // namespace ktrain::trainer
