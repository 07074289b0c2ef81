// Products of a linear layer and of its adapters.
#include "trainer/model/linear.h"

#include <ATen/ops/empty_like.h>

#include "trainer/data/random.h"
#include "trainer/kernel/dropout.h"
#include "trainer/model/dora.h"
#include "trainer/model/plain.h"

namespace ktrain::trainer {
namespace {

Dropout dropout_of(const Adapter& adapter, const LinearSaved& saved) {
    const std::uint64_t stream = saved.noise == 0 ? 0 : scramble(saved.noise ^ scramble(adapter.number)) | 1;
    return {static_cast<float>(adapter.dropout), stream};
}

// x with its dropout; x itself when nothing falls. Of a gradient it is the backward pass, too.
at::Tensor dropped(Kernels kernels, const Dropout& dropout, const at::Tensor& x) {
    if (!dropout.drops()) return x;
    if (x.scalar_type() != at::kFloat) return dropped(kernels, dropout, x.to(at::kFloat)).to(x.scalar_type());
    if (!kernels.has(Kernel::dropout)) return plain_drop(dropout, x);
    at::Tensor y = at::empty_like(x);
    drop(dropout, x.const_data_ptr<float>(), x.numel(), y.mutable_data_ptr<float>());
    return y;
}

// y += scale * a b^T, in one pass over y where it is float32.
void add_scaled(const LinearAlgebra& algebra, const at::Tensor& y_NO, const at::Tensor& a_NR, const at::Tensor& b_OR,
                double scale) {
    if (y_NO.scalar_type() == at::kFloat)
        algebra.add_product(y_NO, a_NR, b_OR, scale);
    else
        y_NO.add_(algebra.multiply(a_NR, b_OR), scale);
}

}  // namespace

at::Tensor linear_forward(const LinearAlgebra& algebra, const Linear& linear, const at::Tensor& x_NI,
                          LinearSaved& saved) {
    at::Tensor y_NO = algebra.multiply(x_NI, linear.weight_OI());
    const at::Tensor& bias_O = linear.bias_O.value;
    const bool dora = linear.has_magnitudes();  // which do not scale the bias
    if (bias_O.defined() && !dora) y_NO.add_(bias_O);
    for (const Adapter& adapter : linear.adapters) {
        const Dropout dropout = dropout_of(adapter, saved);
        const at::Tensor in_NI = dropped(saved.kernels, dropout, x_NI);
        const at::Tensor part_NO = y_NO.slice(1, adapter.begin, adapter.end);
        AdapterSaved kept{algebra.multiply(in_NI, adapter.a_RI.factor()), {}, {}};
        if (dora)
            dora_forward(algebra, linear, adapter, dropout.drops() ? in_NI : at::Tensor(), part_NO, kept);
        else
            add_scaled(algebra, part_NO, kept.low_NR, adapter.b_OR.factor(), adapter.scale);
        saved.adapters.push_back(std::move(kept));
    }
    if (bias_O.defined() && dora) y_NO.add_(bias_O);
    return y_NO;
}

at::Tensor linear_backward(const LinearAlgebra& algebra, const Linear& linear, const LinearSaved& saved,
                           const at::Tensor& x_NI, const at::Tensor& gradient_NO, bool needs_dx) {
    const at::Tensor dy_NO = gradient_NO.to(linear.weight.factor().scalar_type());
    if (linear.weight.trains()) {
        if (linear.transposed)
            algebra.add_product(linear.weight.gradient, x_NI.t(), dy_NO.t());
        else
            algebra.add_product(linear.weight.gradient, dy_NO.t(), x_NI.t());
    }
    if (linear.bias_O.trains()) linear.bias_O.gradient.add_(dy_NO.sum(0, false, at::kFloat));
    const bool dora = linear.has_magnitudes();
    const bool drops = !linear.adapters.empty() && dropout_of(linear.adapters.front(), saved).drops();
    const at::Tensor scaled_NO = dora ? dora_backward(linear, saved, dy_NO) : dy_NO;
    at::Tensor dx_NI;
    // DoRA scales what comes through the weight, too; not what dropout does not see.
    if (needs_dx) dx_NI = algebra.multiply(dora && !drops ? scaled_NO : dy_NO, linear.weight_OI().t());
    for (std::size_t i = 0; i < linear.adapters.size(); ++i) {
        const Adapter& adapter = linear.adapters[i];
        const at::Tensor part_NO = scaled_NO.slice(1, adapter.begin, adapter.end);
        const at::Tensor d_low_NR = algebra.multiply(part_NO, adapter.b_OR.factor().t()).mul_(adapter.scale);
        algebra.add_product(adapter.b_OR.gradient, part_NO.t(), saved.adapters[i].low_NR.t(), adapter.scale);
        const Dropout dropout = dropout_of(adapter, saved);
        algebra.add_product(adapter.a_RI.gradient, d_low_NR.t(), dropped(saved.kernels, dropout, x_NI).t());
        if (!needs_dx) continue;
        if (!drops) {
            add_scaled(algebra, dx_NI, d_low_NR, adapter.a_RI.factor().t(), 1);
            continue;
        }
        at::Tensor d_in_NI = algebra.multiply(d_low_NR, adapter.a_RI.factor().t());
        if (dora) {
            const at::Tensor beyond_NO = dora_beyond(adapter, saved.adapters[i], dy_NO);
            d_in_NI.add_(algebra.multiply(beyond_NO, linear.weight_OI(adapter).t()));
        }
        dx_NI.add_(dropped(saved.kernels, dropout, d_in_NI));
    }
    return dx_NI;
}

}  // namespace ktrain::trainer
