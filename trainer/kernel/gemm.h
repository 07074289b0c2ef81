// Products of large matrices: y = x W^T and its two gradients, by the fastest library routine of this processor.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string_view>

namespace ktrain::trainer {

// How the products are computed. A run keeps to one: their last digits differ.
//   aten    what libtorch chooses
//   mkl     the same, but sums of bfloat16 products stay float32 (cblas_gemm_bf16bf16f32 of Intel's MKL)
//   onednn  mkldnn::_linear_pointwise
enum class Gemm { aten, mkl, onednn };
std::string_view name_of(Gemm gemm);
// Nothing for another name, and for one that this machine does not have.
std::optional<Gemm> find_gemm(std::string_view name);

// For matrices of `type` (float32 or bfloat16) on this processor: oneDNN where AVX-512 is there but MKL takes an AVX2
// path, as on AMD's.
Gemm best_gemm(at::ScalarType type);

// Whether this processor multiplies bfloat16 faster than float32.
bool has_fast_bfloat16();

class LinearAlgebra {
public:
    explicit LinearAlgebra(Gemm gemm) : gemm_(gemm) {}

    // a [m, k] times b [n, k] transposed: [m, n] of their type. Both may be views with any strides.
    at::Tensor multiply(const at::Tensor& a_MK, const at::Tensor& b_NK) const;
    // c [m, n] += alpha * (a times b transposed); c is float32, whatever the others are.
    void add_product(const at::Tensor& c_MN, const at::Tensor& a_MK, const at::Tensor& b_NK, double alpha = 1) const;

    Gemm gemm() const { return gemm_; }

private:
    Gemm gemm_;
};

}  // namespace ktrain::trainer
