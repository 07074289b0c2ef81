// Products of large matrices: y = x W^T and its two gradients, by the fastest library routine of this processor.
#include "trainer/kernel/gemm.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/linear.h>

#include <climits>

// MKL's own name and arguments, in libtorch where it is built with MKL. Source: mkl_cblas.h of oneMKL.
extern "C" __attribute__((weak)) void cblas_gemm_bf16bf16f32(int layout, int transpose_a, int transpose_b, int m, int n,
                                                             int k, float alpha, const void* a, int lda, const void* b,
                                                             int ldb, float beta, float* c, int ldc);

namespace ktrain::trainer {
namespace {

constexpr const char* onednn_linear = "mkldnn::_linear_pointwise";
constexpr int row_major = 101, as_it_is = 111, transposed = 112;

using Pointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view,
                             c10::List<std::optional<at::Scalar>>, std::optional<std::string_view>);

c10::TypedOperatorHandle<Pointwise> pointwise() {
    return c10::Dispatcher::singleton().findSchemaOrThrow(onednn_linear, "").typed<Pointwise>();
}

bool is_amd() {
#if defined(__x86_64__)
    return __builtin_cpu_is("amd") > 0;
#else
    return false;
#endif
}

bool has_avx512() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") > 0;
#else
    return false;
#endif
}

// One side of a product as BLAS takes it: row-major, as it is or transposed.
struct Side {
    const void* data = nullptr;
    int stride = 0, operation = as_it_is;
    bool fits = false;  // BLAS can take it
};

Side side_of(const at::Tensor& matrix) {
    const auto fits = [](std::int64_t stride, std::int64_t width) { return stride >= width && stride <= INT_MAX; };
    const auto rows = matrix.size(0), columns = matrix.size(1);
    if (matrix.stride(1) == 1 && fits(matrix.stride(0), columns))
        return {matrix.const_data_ptr(), static_cast<int>(matrix.stride(0)), as_it_is, true};
    if (matrix.stride(0) == 1 && fits(matrix.stride(1), rows))
        return {matrix.const_data_ptr(), static_cast<int>(matrix.stride(1)), transposed, true};
    return {};
}

bool add_by_mkl(const at::Tensor& c_MN, const at::Tensor& a_MK, const at::Tensor& b_NK, float alpha) {
    const Side a = side_of(a_MK), b = side_of(b_NK.t());
    if (!a.fits || !b.fits || c_MN.stride(1) != 1) return false;
    cblas_gemm_bf16bf16f32(row_major, a.operation, b.operation, static_cast<int>(c_MN.size(0)),
                           static_cast<int>(c_MN.size(1)), static_cast<int>(a_MK.size(1)), alpha, a.data, a.stride,
                           b.data, b.stride, 1, c_MN.mutable_data_ptr<float>(), static_cast<int>(c_MN.stride(0)));
    return true;
}

bool is_there(Gemm gemm) {
    if (gemm == Gemm::mkl) return has_fast_bfloat16() && cblas_gemm_bf16bf16f32 != nullptr;
    return gemm == Gemm::aten || c10::Dispatcher::singleton().findSchema({onednn_linear, ""}).has_value();
}

}  // namespace

std::string_view name_of(Gemm gemm) {
    return gemm == Gemm::aten ? "aten" : gemm == Gemm::mkl ? "mkl" : "onednn";
}

bool has_fast_bfloat16() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") > 0;
#else
    return false;
#endif
}

std::optional<Gemm> find_gemm(std::string_view name) {
    for (const Gemm gemm : {Gemm::aten, Gemm::mkl, Gemm::onednn})
        if (name == name_of(gemm) && is_there(gemm)) return gemm;
    return std::nullopt;
}

Gemm best_gemm(at::ScalarType type) {
    if (is_amd() && has_avx512() && is_there(Gemm::onednn)) return Gemm::onednn;
    if (type == at::kBFloat16 && is_there(Gemm::mkl)) return Gemm::mkl;
    return Gemm::aten;
}

at::Tensor LinearAlgebra::multiply(const at::Tensor& a_MK, const at::Tensor& b_NK) const {
    if (gemm_ != Gemm::onednn) return at::linear(a_MK, b_NK);
    static const auto operation = pointwise();
    return operation.call(a_MK, b_NK, std::nullopt, "none", c10::List<std::optional<at::Scalar>>(), "");
}

void LinearAlgebra::add_product(const at::Tensor& c_MN, const at::Tensor& a_MK, const at::Tensor& b_NK,
                                double alpha) const {
    at::Tensor c = c_MN;
    const bool same = a_MK.scalar_type() == c.scalar_type();
    if (same && gemm_ != Gemm::onednn)
        at::addmm_out(c, c, a_MK, b_NK.t(), 1, alpha);
    else if (same || gemm_ != Gemm::mkl || !add_by_mkl(c_MN, a_MK, b_NK, static_cast<float>(alpha)))
        c.add_(multiply(a_MK, b_NK), alpha);
}

}  // namespace ktrain::trainer
