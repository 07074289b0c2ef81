// Products of a linear layer and of its adapters.
#include "trainer/model/linear.h"

#include <ATen/ops/empty_like.h>

#include "trainer/data/random.h"
#include "trainer/kernel/dropout.h"

namespace ktrain::trainer {
namespace {

Dropout dropout_of(const Adapter& adapter, const LinearSaved& saved) {
    const std::uint64_t stream = saved.noise == 0 ? 0 : scramble(saved.noise ^ scramble(adapter.number)) | 1;
    return {static_cast<float>(adapter.dropout), stream};
}

// x with its dropout; x itself when nothing falls.
at::Tensor dropped(const Dropout& dropout, const at::Tensor& x) {
    if (!dropout.drops()) return x;
    if (x.scalar_type() != at::kFloat) return dropped(dropout, x.to(at::kFloat)).to(x.scalar_type());
    at::Tensor y = at::empty_like(x);
    drop(dropout, x.const_data_ptr<float>(), x.numel(), y.mutable_data_ptr<float>());
    return y;
}

}  // namespace

at::Tensor linear_forward(const LinearAlgebra& algebra, const Linear& linear, const at::Tensor& x_NI,
                          LinearSaved& saved) {
    const at::Tensor& weight = linear.weight.factor();
    at::Tensor y_NO = algebra.multiply(x_NI, linear.transposed ? weight.t() : weight);
    if (linear.bias_O.value.defined()) y_NO.add_(linear.bias_O.value);
    for (const Adapter& adapter : linear.adapters) {
        at::Tensor low_NR = algebra.multiply(dropped(dropout_of(adapter, saved), x_NI), adapter.a_RI.factor());
        y_NO.slice(1, adapter.begin, adapter.end).add_(algebra.multiply(low_NR, adapter.b_OR.factor()), adapter.scale);
        saved.low_NR.push_back(std::move(low_NR));
    }
    return y_NO;
}

at::Tensor linear_backward(const LinearAlgebra& algebra, const Linear& linear, const LinearSaved& saved,
                           const at::Tensor& x_NI, const at::Tensor& gradient_NO, bool needs_dx) {
    const at::Tensor& weight = linear.weight.factor();
    const at::Tensor dy_NO = gradient_NO.to(weight.scalar_type());
    if (linear.weight.trains()) {
        if (linear.transposed)
            algebra.add_product(linear.weight.gradient, x_NI.t(), dy_NO.t());
        else
            algebra.add_product(linear.weight.gradient, dy_NO.t(), x_NI.t());
    }
    if (linear.bias_O.trains()) linear.bias_O.gradient.add_(dy_NO.sum(0, false, at::kFloat));
    at::Tensor dx_NI;
    if (needs_dx) dx_NI = algebra.multiply(dy_NO, linear.transposed ? weight : weight.t());
    for (std::size_t i = 0; i < linear.adapters.size(); ++i) {
        const Adapter& adapter = linear.adapters[i];
        const at::Tensor part_NO = dy_NO.slice(1, adapter.begin, adapter.end);
        const at::Tensor d_low_NR = algebra.multiply(part_NO, adapter.b_OR.factor().t()).mul_(adapter.scale);
        adapter.b_OR.gradient.add_(algebra.multiply(part_NO.t(), saved.low_NR[i].t()), adapter.scale);
        const Dropout dropout = dropout_of(adapter, saved);
        algebra.add_product(adapter.a_RI.gradient, d_low_NR.t(), dropped(dropout, x_NI).t());
        if (needs_dx) dx_NI.add_(dropped(dropout, algebra.multiply(d_low_NR, adapter.a_RI.factor().t())));
    }
    return dx_NI;
}

}  // namespace ktrain::trainer
