// The plain twins of the kernels, one function each.
#include "trainer/model/plain.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bitwise_xor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <limits>

namespace ktrain::trainer {
namespace {

// A view; nothing here writes.
template <class T>
at::Tensor view_of(const T* values, at::IntArrayRef sizes, at::ScalarType type) {
    return at::from_blob(const_cast<T*>(values), sizes, type);
}

at::Tensor capped(const at::Tensor& x, double cap) {
    return cap > 0 ? at::tanh(x / cap) * cap : x;
}

// x [batch, heads, length, head_dim] turned by the positions.
at::Tensor rotated(const Attention& shape, const at::Tensor& x) {
    if (shape.rotary == 0) return x;
    const at::Tensor positions = view_of(shape.positions, {shape.batch * shape.length}, at::kLong);
    const std::int64_t rows = positions.max().item<std::int64_t>() + 1, half = shape.rotary / 2;
    const auto angles = [&](const float* table) {
        return view_of(table, {rows, half}, at::kFloat)
            .index_select(0, positions)
            .view({shape.batch, 1, shape.length, half});
    };
    const at::Tensor cosines = angles(shape.cosines), sines = angles(shape.sines);
    const at::Tensor one = x.slice(-1, 0, half), two = x.slice(-1, half, shape.rotary);
    return at::cat({one * cosines - two * sines, two * cosines + one * sines, x.slice(-1, shape.rotary)}, -1);
}

// Which keys a query must not see: [batch, 1, length, length].
at::Tensor hidden_keys(const Attention& shape) {
    const at::Tensor all = at::arange(shape.length, at::kLong);
    const at::Tensor query = all.view({1, 1, -1, 1}), key = all.view({1, 1, 1, -1});
    const at::Tensor starts = view_of(shape.starts, {shape.batch, 1, shape.length, 1}, at::kLong);
    const at::Tensor hidden = key.gt(query).logical_or(key.lt(starts));
    return shape.window > 0 ? hidden.logical_or(key.le(query - shape.window)) : hidden;
}

constexpr std::int64_t low_bits = 0xFFFFFFFF;

// The product of 32 bits, in tensors of 64 that must not overflow.
at::Tensor times(const at::Tensor& h, std::int64_t factor) {
    const at::Tensor upper = (h * (factor >> 16)).bitwise_and(0xFFFF) * 65536;
    return (h * (factor & 0xFFFF) + upper).bitwise_and(low_bits);
}

at::Tensor shifted(const at::Tensor& h, int bits) {
    return h.bitwise_right_shift(bits);
}

}  // namespace

at::Tensor plain_attention(const Attention& shape, const at::Tensor& qkv) {
    const at::Tensor all = qkv.to(at::kFloat)
                               .view({shape.batch, shape.length, shape.heads + 2 * shape.kv_heads, shape.head_dim})
                               .transpose(1, 2);
    const std::int64_t group = shape.heads / shape.kv_heads, values = shape.heads + shape.kv_heads;
    const at::Tensor q = rotated(shape, all.slice(1, 0, shape.heads));
    const at::Tensor k = rotated(shape, all.slice(1, shape.heads, values)).repeat_interleave(group, 1);
    const at::Tensor v = all.slice(1, values).repeat_interleave(group, 1);
    const at::Tensor scores = capped(q.matmul(k.transpose(2, 3)) * shape.scale, shape.soft_cap)
                                  .masked_fill(hidden_keys(shape), -std::numeric_limits<float>::infinity());
    return scores.softmax(-1)
        .matmul(v)
        .transpose(1, 2)
        .reshape({shape.batch * shape.length, shape.heads * shape.head_dim})
        .to(qkv.scalar_type());
}

at::Tensor plain_cross_entropy(const at::Tensor& logits_NV, const at::Tensor& labels_N, double soft_cap) {
    return at::cross_entropy_loss(capped(logits_NV.to(at::kFloat), soft_cap), labels_N, {}, at::Reduction::None);
}

at::Tensor plain_drop(const Dropout& dropout, const at::Tensor& x) {
    const at::Tensor index = at::arange(x.numel(), at::kLong);
    const auto low = static_cast<std::int64_t>(dropout.stream & 0xFFFFFFFF);
    const auto high = static_cast<std::int64_t>(dropout.stream >> 32);
    at::Tensor h = times(index.bitwise_and(low_bits).bitwise_xor(low), 0x9E3779B1);
    h = (h + shifted(index, 32).bitwise_xor(high)).bitwise_and(low_bits);
    h = times(at::bitwise_xor(h, shifted(h, 16)), 0x85EBCA6B);
    h = times(at::bitwise_xor(h, shifted(h, 13)), 0xC2B2AE35);
    const at::Tensor bits = shifted(at::bitwise_xor(h, shifted(h, 16)), 8);
    const auto fall = static_cast<std::int64_t>(dropout.rate * 16777216.0f);
    const float scale = 1.0f / (1.0f - dropout.rate);
    return at::where(bits.lt(fall).view(x.sizes()), at::zeros({}, x.options()), x * scale);
}

at::Tensor plain_gated(Activation activation, const at::Tensor& gate_up) {
    const std::vector<at::Tensor> halves = gate_up.to(at::kFloat).chunk(2, 1);
    const at::Tensor gate = activation == Activation::silu ? at::silu(halves[0]) : at::gelu(halves[0], "tanh");
    return (gate * halves[1]).to(gate_up.scalar_type());
}

at::Tensor plain_norm(const Norm& norm, const at::Tensor& x_ND, const at::Tensor& weight_D, const at::Tensor& bias_D) {
    const bool centred = bias_D.defined();
    const at::Tensor from_mean = centred ? x_ND - x_ND.mean(-1, true) : x_ND;
    const at::Tensor inverse = at::rsqrt(from_mean.pow(2).mean(-1, true) + norm.epsilon);
    const at::Tensor y_ND = from_mean * inverse * (centred ? weight_D : weight_D + norm.offset);
    return centred ? y_ND + bias_D : y_ND;
}

}  // namespace ktrain::trainer
