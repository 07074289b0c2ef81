// Products of large matrices: y = x W^T and its two gradients, by the fastest library routine of this processor.
#include "trainer/kernel/gemm.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/linear.h>

namespace ktrain::trainer {
namespace {

constexpr const char* onednn_linear = "mkldnn::_linear_pointwise";

using Pointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view,
                             c10::List<std::optional<at::Scalar>>, std::optional<std::string_view>);

c10::TypedOperatorHandle<Pointwise> pointwise() {
    return c10::Dispatcher::singleton().findSchemaOrThrow(onednn_linear, "").typed<Pointwise>();
}

bool has_onednn() {
    return c10::Dispatcher::singleton().findSchema({onednn_linear, ""}).has_value();
}

}  // namespace

std::string_view name_of(Gemm gemm) {
    return gemm == Gemm::aten ? "aten" : "onednn";
}

std::optional<Gemm> find_gemm(std::string_view name) {
    if (name == name_of(Gemm::aten)) return Gemm::aten;
    if (name == name_of(Gemm::onednn) && has_onednn()) return Gemm::onednn;
    return std::nullopt;
}

Gemm best_gemm() {
#if defined(__x86_64__)
    const bool wide = __builtin_cpu_supports("avx512f") > 0 && __builtin_cpu_is("amd") > 0;
#else
    const bool wide = false;
#endif
    return wide && has_onednn() ? Gemm::onednn : Gemm::aten;
}

LinearAlgebra::LinearAlgebra(Gemm gemm) : gemm_(gemm) {}

at::Tensor LinearAlgebra::multiply(const at::Tensor& a_MK, const at::Tensor& b_NK) const {
    if (gemm_ == Gemm::aten) return at::linear(a_MK, b_NK);
    static const auto operation = pointwise();
    return operation.call(a_MK, b_NK, std::nullopt, "none", c10::List<std::optional<at::Scalar>>(), "");
}

void LinearAlgebra::add_product(const at::Tensor& c_MN, const at::Tensor& a_MK, const at::Tensor& b_NK) const {
    at::Tensor c = c_MN;
    if (gemm_ == Gemm::aten)
        at::addmm_out(c, c, a_MK, b_NK.t());
    else
        c.add_(multiply(a_MK, b_NK));
}

}  // namespace ktrain::trainer
