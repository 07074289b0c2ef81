// Forward passes of the fused layers, and the backward passes they leave to autograd.
#include "trainer/model/layers.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <c10/core/GradMode.h>

#include "trainer/model/element_type.h"
#include "trainer/model/graph.h"
#include "trainer/model/plain.h"

namespace ktrain::trainer {
namespace {

using Gradients = std::vector<at::Tensor>;

at::Tensor apply(Kernels kernels, const Inner& inner, const at::Tensor& h) {
    if (!inner.gated) return at::gelu(h, "tanh");
    if (!kernels.has(Kernel::gated)) return plain_gated(inner.activation, h);
    const at::Tensor m_NF = at::empty({h.size(0), h.size(1) / 2}, h.options());
    with_type_of(h, [&]<class T>(T*) {
        gated(inner.activation, h.const_data_ptr<T>(), m_NF.size(0), m_NF.size(1), m_NF.mutable_data_ptr<T>());
    });
    return m_NF;
}

at::Tensor apply_backward(Kernels kernels, const Inner& inner, const at::Tensor& h, const at::Tensor& dm_NF) {
    if (!inner.gated) return at::gelu_backward(dm_NF, h, "tanh");
    if (!kernels.has(Kernel::gated)) {
        const auto forward = [&](const Gradients& in) { return plain_gated(inner.activation, in[0]); };
        return gradients_of(forward, {h}, dm_NF).front();
    }
    const at::Tensor dh = at::empty_like(h);
    with_type_of(h, [&]<class T>(T*) {
        gated_backward(inner.activation, h.const_data_ptr<T>(), dm_NF.const_data_ptr<T>(), dm_NF.size(0), dm_NF.size(1),
                       dh.mutable_data_ptr<T>());
    });
    return dh;
}

// Rows that were computed for products, on the stream between layers, which is float32.
at::Tensor onto_stream(const at::Tensor& y_ND, const at::Tensor& residual_ND) {
    if (!residual_ND.defined()) return y_ND.to(at::kFloat);
    return y_ND.scalar_type() == at::kFloat ? at::Tensor(y_ND).add_(residual_ND.detach())
                                            : residual_ND.detach().add(y_ND);
}

at::ScalarType type_of(const Linear& linear) {
    return linear.weight.factor().scalar_type();
}

// The heads of queries or keys as rows of their own.
at::Tensor heads_at(const at::Tensor& qkv, const Attention& shape, std::int64_t first, std::int64_t count) {
    return qkv.slice(1, first * shape.head_dim, (first + count) * shape.head_dim)
        .to(at::kFloat)
        .reshape({qkv.size(0) * count, shape.head_dim});
}

void put_heads(const at::Tensor& qkv, const Attention& shape, std::int64_t first, std::int64_t count,
               const at::Tensor& rows) {
    qkv.slice(1, first * shape.head_dim, (first + count) * shape.head_dim)
        .copy_(rows.view({qkv.size(0), count * shape.head_dim}));
}

}  // namespace

at::Tensor Layers::embed(const at::Tensor& ids_N, const Parameter& table_VD, double scale) const {
    const auto compute = [&] {
        const c10::NoGradGuard no_grad;
        at::Tensor x_ND = at::embedding(table_VD.value, ids_N).to(at::kFloat);
        if (scale != 1) x_ND.mul_(scale);
        return x_ND;
    };
    return differentiable(compute(), {}, table_VD.trains(), [=](const at::Tensor& dx_ND) {
        at::Tensor(table_VD.gradient).index_add_(0, ids_N, dx_ND, scale);
        return Gradients{};
    });
}

at::Tensor Layers::norm_add(const at::Tensor& x_ND, const Norm& norm, const at::Tensor& residual_ND) const {
    const at::Tensor x = x_ND.detach();
    NormMoments moments;
    at::Tensor y_ND = norm_forward(kernels_, norm, x, moments, at::kFloat);
    y_ND.add_(residual_ND.detach());
    return differentiable(y_ND, {x_ND, residual_ND}, norm.trains(), [=, *this](const at::Tensor& dy_ND) {
        return Gradients{norm_backward(kernels_, norm, x, moments, dy_ND.clone()), dy_ND};
    });
}

at::Tensor Layers::norm_linear(const at::Tensor& x_ND, const Norm& norm, const Linear& linear) const {
    const at::Tensor x = x_ND.detach();
    NormMoments moments;
    LinearSaved saved{noise_, kernels_};
    at::Tensor y_NO =
        linear_forward(algebra_, linear, norm_forward(kernels_, norm, x, moments, type_of(linear)), saved);
    const bool needs_dh = x_ND.requires_grad() || norm.trains();
    return differentiable(y_NO, {x_ND}, norm.trains() || linear.trains(), [=, *this](const at::Tensor& dy_NO) {
        const at::Tensor h_ND = norm_again(kernels_, norm, x, moments, type_of(linear));
        const at::Tensor dh_ND = linear_backward(algebra_, linear, saved, h_ND, dy_NO, needs_dh);
        return Gradients{needs_dh ? norm_backward(kernels_, norm, x, moments, dh_ND) : dh_ND};
    });
}

at::Tensor Layers::linear_add(const at::Tensor& x_NI, const Linear& linear, const at::Tensor& residual_NO) const {
    const at::Tensor x = x_NI.detach();
    LinearSaved saved{noise_, kernels_};
    const at::Tensor y_NO = onto_stream(linear_forward(algebra_, linear, x, saved), residual_NO);
    const bool adds = residual_NO.defined();
    const bool needs_dx = x_NI.requires_grad();
    const auto inputs = adds ? std::vector{x_NI, residual_NO} : std::vector{x_NI};
    return differentiable(y_NO, inputs, linear.trains(), [=, *this](const at::Tensor& dy_NO) {
        Gradients gradients{linear_backward(algebra_, linear, saved, x, dy_NO, needs_dx)};
        if (adds) gradients.push_back(dy_NO);
        return gradients;
    });
}

at::Tensor Layers::inner_linear_add(const at::Tensor& h, const Inner& inner, const Linear& linear,
                                    const at::Tensor& residual_ND) const {
    const at::Tensor before = h.detach();
    LinearSaved saved{noise_, kernels_};
    const at::Tensor y_ND =
        onto_stream(linear_forward(algebra_, linear, apply(kernels_, inner, before), saved), residual_ND);
    const bool adds = residual_ND.defined();
    const bool needs_dh = h.requires_grad();
    const auto inputs = adds ? std::vector{h, residual_ND} : std::vector{h};
    return differentiable(y_ND, inputs, linear.trains(), [=, *this](const at::Tensor& dy_ND) {
        const at::Tensor dm_NF =
            linear_backward(algebra_, linear, saved, apply(kernels_, inner, before), dy_ND, needs_dh);
        Gradients gradients{needs_dh ? apply_backward(kernels_, inner, before, dm_NF) : at::Tensor()};
        if (adds) gradients.push_back(dy_ND);
        return gradients;
    });
}

at::Tensor Layers::norm_heads(const at::Tensor& qkv, const HeadNorms& norms, const Attention& shape) const {
    const at::Tensor all = qkv.detach();
    const at::Tensor queries = heads_at(all, shape, 0, shape.heads);
    const at::Tensor keys = heads_at(all, shape, shape.heads, shape.kv_heads);
    NormMoments of_queries, of_keys;
    at::Tensor y = at::empty_like(all);
    put_heads(y, shape, 0, shape.heads, norm_forward(kernels_, norms.query, queries, of_queries, at::kFloat));
    put_heads(y, shape, shape.heads, shape.kv_heads, norm_forward(kernels_, norms.key, keys, of_keys, at::kFloat));
    put_heads(y, shape, shape.heads + shape.kv_heads, shape.kv_heads,
              heads_at(all, shape, shape.heads + shape.kv_heads, shape.kv_heads));
    const bool trains = norms.query.trains() || norms.key.trains();
    return differentiable(y, {qkv}, trains, [=, *this](const at::Tensor& dy) {
        at::Tensor dx = dy.clone();
        const auto back = [&](const Norm& norm, const at::Tensor& x, const NormMoments& moments, std::int64_t first,
                              std::int64_t count) {
            const at::Tensor rows = heads_at(dy, shape, first, count).clone();
            put_heads(dx, shape, first, count, norm_backward(kernels_, norm, x, moments, rows));
        };
        back(norms.query, queries, of_queries, 0, shape.heads);
        back(norms.key, keys, of_keys, shape.heads, shape.kv_heads);
        return Gradients{dx};
    });
}

at::Tensor Layers::attend(const at::Tensor& qkv, const Attention& shape) const {
    const at::Tensor all = qkv.detach();
    if (!kernels_.has(Kernel::attention)) {
        const auto forward = [shape](const Gradients& in) { return plain_attention(shape, in[0]); };
        return differentiable(forward({all}), {qkv}, false,
                              [=](const at::Tensor& dy) { return gradients_of(forward, {all}, dy); });
    }
    const at::Tensor y = at::empty({all.size(0), shape.heads * shape.head_dim}, all.options());
    const at::Tensor log_sums = at::empty({all.size(0) * shape.heads}, at::kFloat);
    with_type_of(all, [&]<class T>(T*) {
        attention(shape, all.const_data_ptr<T>(), y.mutable_data_ptr<T>(), log_sums.mutable_data_ptr<float>());
    });
    return differentiable(y, {qkv}, false, [=](const at::Tensor& dy) {
        const at::Tensor d_qkv = at::empty_like(all);
        with_type_of(all, [&]<class T>(T*) {
            attention_backward(shape, all.const_data_ptr<T>(), log_sums.const_data_ptr<float>(), dy.const_data_ptr<T>(),
                               d_qkv.mutable_data_ptr<T>());
        });
        return Gradients{d_qkv};
    });
}

}  // namespace ktrain::trainer
