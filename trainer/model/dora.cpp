// Products of DoRA.
#include "trainer/model/dora.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mul.h>

namespace ktrain::trainer {
namespace {

// The lengths of the rows of W + scale * B A, a few rows at a time: the sum is never whole in memory.
at::Tensor row_norms(const Linear& linear, const Adapter& adapter) {
    constexpr std::int64_t block = 256;
    const at::Tensor weight_OI = linear.weight_OI(adapter);
    at::Tensor norms_O = at::empty({weight_OI.size(0)}, at::kFloat);
    for (std::int64_t begin = 0; begin < weight_OI.size(0); begin += block) {
        const std::int64_t end = std::min(begin + block, weight_OI.size(0));
        const at::Tensor sum = at::addmm(weight_OI.slice(0, begin, end).to(at::kFloat),
                                         adapter.b_OR.value.slice(0, begin, end), adapter.a_RI.value, 1, adapter.scale);
        norms_O.slice(0, begin, end).copy_(at::linalg_vector_norm(sum, 2, 1));
    }
    return norms_O;
}

}  // namespace

void start_magnitudes(const Linear& linear) {
    for (const Adapter& adapter : linear.adapters)
        if (adapter.has_magnitude()) at::Tensor(adapter.magnitude_O.value).copy_(row_norms(linear, adapter));
}

void dora_forward(const LinearAlgebra& algebra, const Linear& linear, const Adapter& adapter,
                  const at::Tensor& dropped_NI, const at::Tensor& y_NO, AdapterSaved& saved) {
    at::Tensor y = y_NO;
    saved.norms_O = row_norms(linear, adapter);
    const at::Tensor factors_O = adapter.magnitude_O.value.div(saved.norms_O);
    const at::Tensor change_NO = algebra.multiply(saved.low_NR, adapter.b_OR.factor());
    if (!dropped_NI.defined()) {
        saved.sum_NO = y.add(change_NO, adapter.scale);
        at::mul_out(y, saved.sum_NO, factors_O);
        return;
    }
    at::Tensor base_NO = algebra.multiply(dropped_NI, linear.weight_OI(adapter));
    y.sub_(base_NO);
    saved.sum_NO = base_NO.add_(change_NO, adapter.scale);
    y.addcmul_(saved.sum_NO, factors_O);
}

at::Tensor dora_backward(const Linear& linear, const LinearSaved& saved, const at::Tensor& dy_NO) {
    at::Tensor scaled_NO = dy_NO.clone();
    for (std::size_t i = 0; i < linear.adapters.size(); ++i) {
        const Adapter& adapter = linear.adapters[i];
        at::Tensor part_NO = scaled_NO.slice(1, adapter.begin, adapter.end);
        adapter.magnitude_O.gradient.add_(
            part_NO.mul(saved.adapters[i].sum_NO).sum(0, false, at::kFloat).div_(saved.adapters[i].norms_O));
        part_NO.mul_(adapter.magnitude_O.value.div(saved.adapters[i].norms_O));
    }
    return scaled_NO;
}

}  // namespace ktrain::trainer
