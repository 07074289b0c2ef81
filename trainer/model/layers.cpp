// The layers of a decoder, fused as they pay: each computes in one go what stands between two matrices.
#include "trainer/model/layers.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include "trainer/kernel/norm.h"
#include "trainer/model/graph.h"

namespace ktrain::trainer {
namespace {

const float* in(const at::Tensor& tensor) {
    return tensor.const_data_ptr<float>();
}
float* out(const at::Tensor& tensor) {
    return tensor.mutable_data_ptr<float>();
}

RmsNorm kernel_of(const Norm& norm, const at::Tensor& x_ND) {
    return {x_ND.size(0), x_ND.size(1), static_cast<float>(norm.epsilon), static_cast<float>(norm.offset)};
}

// The normed rows and what their backward pass needs.
struct Normed {
    at::Tensor y_ND, inverse_N;
};

Normed forward(const Norm& norm, const at::Tensor& x_ND) {
    Normed normed{at::empty_like(x_ND), at::empty({x_ND.size(0)}, x_ND.options())};
    rms_norm(kernel_of(norm, x_ND), in(x_ND), in(norm.weight_D.value), out(normed.y_ND), out(normed.inverse_N));
    return normed;
}

at::Tensor again(const Norm& norm, const at::Tensor& x_ND, const at::Tensor& inverse_N) {
    at::Tensor y_ND = at::empty_like(x_ND);
    rms_norm_again(kernel_of(norm, x_ND), in(x_ND), in(norm.weight_D.value), in(inverse_N), out(y_ND));
    return y_ND;
}

// In place of dy.
at::Tensor backward(const Norm& norm, const at::Tensor& x_ND, const at::Tensor& inverse_N, at::Tensor dy_ND) {
    rms_norm_backward(kernel_of(norm, x_ND), in(x_ND), in(norm.weight_D.value), in(inverse_N), in(dy_ND), out(dy_ND),
                      norm.weight_D.trains() ? out(norm.weight_D.gradient) : nullptr);
    return dy_ND;
}

}  // namespace

bool Linear::trains() const {
    return weight_OI.trains() || bias_O.trains() || !adapters.empty();
}

at::Tensor Layers::forward(const Linear& linear, const at::Tensor& x_NI, Saved& saved) const {
    at::Tensor y_NO = algebra_.multiply(x_NI, linear.weight_OI.value);
    if (linear.bias_O.value.defined()) y_NO.add_(linear.bias_O.value);
    for (const Adapter& adapter : linear.adapters) {
        at::Tensor low_NR = algebra_.multiply(x_NI, adapter.a_RI.value);
        y_NO.slice(1, adapter.begin, adapter.end)
            .add_(algebra_.multiply(low_NR, adapter.b_OR.value), adapter.scale);
        saved.low_NR.push_back(std::move(low_NR));
    }
    return y_NO;
}

at::Tensor Layers::backward(const Linear& linear, const Saved& saved, const at::Tensor& x_NI, const at::Tensor& dy_NO,
                            bool needs_dx) const {
    if (linear.weight_OI.trains()) linear.weight_OI.gradient.add_(algebra_.multiply(dy_NO.t(), x_NI.t()));
    if (linear.bias_O.trains()) linear.bias_O.gradient.add_(dy_NO.sum(0));
    at::Tensor dx_NI = needs_dx ? algebra_.multiply(dy_NO, linear.weight_OI.value.t()) : at::Tensor();
    for (std::size_t i = 0; i < linear.adapters.size(); ++i) {
        const Adapter& adapter = linear.adapters[i];
        const at::Tensor part_NO = dy_NO.slice(1, adapter.begin, adapter.end);
        const at::Tensor d_low_NR = algebra_.multiply(part_NO, adapter.b_OR.value.t()).mul_(adapter.scale);
        adapter.b_OR.gradient.add_(algebra_.multiply(part_NO.t(), saved.low_NR[i].t()), adapter.scale);
        adapter.a_RI.gradient.add_(algebra_.multiply(d_low_NR.t(), x_NI.t()));
        if (needs_dx) dx_NI.add_(algebra_.multiply(d_low_NR, adapter.a_RI.value.t()));
    }
    return dx_NI;
}

at::Tensor Layers::embed(const at::Tensor& ids_N, const Parameter& table_VD, double scale) const {
    const auto compute = [&] {
        const c10::NoGradGuard no_grad;
        at::Tensor x_ND = at::embedding(table_VD.value, ids_N);
        if (scale != 1) x_ND.mul_(scale);
        return x_ND;
    };
    return differentiable(compute(), {}, table_VD.trains(), [=](const at::Tensor& dx_ND) {
        table_VD.gradient.index_add_(0, ids_N, dx_ND, scale);
        return std::vector<at::Tensor>{};
    });
}

at::Tensor Layers::norm(const at::Tensor& x_ND, const Norm& norm) const {
    Normed normed = trainer::forward(norm, x_ND.detach());
    const bool trains = norm.weight_D.trains();
    return differentiable(normed.y_ND, {x_ND}, trains,
                          [norm, x_ND = x_ND.detach(), inverse_N = normed.inverse_N](const at::Tensor& dy_ND) {
                              return std::vector{trainer::backward(norm, x_ND, inverse_N, dy_ND.clone())};
                          });
}

at::Tensor Layers::norm_linear(const at::Tensor& x_ND, const Norm& norm, const Linear& linear) const {
    const at::Tensor x = x_ND.detach();
    const Normed normed = trainer::forward(norm, x);
    Saved saved;
    at::Tensor y_NO = forward(linear, normed.y_ND, saved);
    const bool needs_dh = x_ND.requires_grad() || norm.weight_D.trains();
    return differentiable(y_NO, {x_ND}, norm.weight_D.trains() || linear.trains(),
                          [=, this, inverse_N = normed.inverse_N](const at::Tensor& dy_NO) {
                              const at::Tensor h_ND = again(norm, x, inverse_N);
                              at::Tensor dh_ND = backward(linear, saved, h_ND, dy_NO, needs_dh);
                              if (needs_dh) dh_ND = trainer::backward(norm, x, inverse_N, dh_ND);
                              return std::vector{dh_ND};
                          });
}

at::Tensor Layers::linear(const at::Tensor& x_NI, const Linear& linear) const {
    const at::Tensor x = x_NI.detach();
    Saved saved;
    at::Tensor y_NO = forward(linear, x, saved);
    const bool needs_dx = x_NI.requires_grad();
    return differentiable(y_NO, {x_NI}, linear.trains(), [=, this](const at::Tensor& dy_NO) {
        return std::vector{backward(linear, saved, x, dy_NO, needs_dx)};
    });
}

at::Tensor Layers::linear_add(const at::Tensor& x_NI, const Linear& linear, const at::Tensor& residual_NO) const {
    const at::Tensor x = x_NI.detach();
    Saved saved;
    at::Tensor y_NO = forward(linear, x, saved);
    y_NO.add_(residual_NO.detach());
    const bool needs_dx = x_NI.requires_grad();
    return differentiable(y_NO, {x_NI, residual_NO}, linear.trains(), [=, this](const at::Tensor& dy_NO) {
        return std::vector{backward(linear, saved, x, dy_NO, needs_dx), dy_NO};
    });
}

at::Tensor Layers::gated_linear_add(const at::Tensor& gate_up_N2F, Activation activation, const Linear& linear,
                                    const at::Tensor& residual_ND) const {
    const at::Tensor gate_up = gate_up_N2F.detach();
    const auto inner = [=] {
        const std::int64_t rows = gate_up.size(0), width = gate_up.size(1) / 2;
        at::Tensor m_NF = at::empty({rows, width}, gate_up.options());
        gated(activation, in(gate_up), rows, width, out(m_NF));
        return m_NF;
    };
    Saved saved;
    at::Tensor y_ND = forward(linear, inner(), saved);
    y_ND.add_(residual_ND.detach());
    const bool needs_dx = gate_up_N2F.requires_grad();
    return differentiable(y_ND, {gate_up_N2F, residual_ND}, linear.trains(), [=, this](const at::Tensor& dy_ND) {
        const at::Tensor dm_NF = backward(linear, saved, inner(), dy_ND, needs_dx);
        if (!needs_dx) return std::vector{at::Tensor(), dy_ND};
        at::Tensor d_gate_up = at::empty_like(gate_up);
        gated_backward(activation, in(gate_up), in(dm_NF), dm_NF.size(0), dm_NF.size(1), out(d_gate_up));
        return std::vector{d_gate_up, dy_ND};
    });
}

at::Tensor Layers::attend(const at::Tensor& qkv, const Attention& shape) const {
    const at::Tensor all = qkv.detach();
    at::Tensor y = at::empty({all.size(0), shape.heads * shape.head_dim}, all.options());
    at::Tensor log_sums = at::empty({all.size(0) * shape.heads}, all.options());
    attention(shape, in(all), out(y), out(log_sums));
    return differentiable(y, {qkv}, false, [=](const at::Tensor& dy) {
        at::Tensor d_qkv = at::empty_like(all);
        attention_backward(shape, in(all), in(log_sums), in(dy), out(d_qkv));
        return std::vector{d_qkv};
    });
}

}  // namespace ktrain::trainer
