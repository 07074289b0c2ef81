// Each kernel against its plain twin (trainer/model/plain.h), the composition of ATen operations: values and gradients,
// tails and odd shapes. The twins themselves are held against transformers in decoder_test.cpp.
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <doctest/doctest.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>

#include <cmath>

#include "trainer/kernel/cross_entropy.h"
#include "trainer/kernel/element.h"
#include "trainer/kernel/gemm.h"
#include "trainer/kernel/norm.h"
#include "trainer/kernel/simd.h"
#include "trainer/kernel/tile.h"
#include "trainer/model/linear.h"
#include "trainer/model/plain.h"

using namespace ktrain;
using namespace ktrain::trainer;

namespace {

at::Tensor random(at::IntArrayRef sizes, double spread = 1) {
    return at::randn(sizes) * spread;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

at::Tensor leaf(const at::Tensor& value) {
    return value.clone().requires_grad_(true);
}

}  // namespace

TEST_CASE("kernel: the fast exponential is as exact as a float can say") {
    double worst = 0;
    for (float x = -87; x < 88; x += 0.0137f)
        worst = std::max(worst, std::abs(double(fast_exp(x)) / std::exp(double(x)) - 1));
    CHECK(worst < 2e-7);
    CHECK(fast_exp(-1000) < 1e-37f);
    CHECK(fast_exp(-INFINITY) < 1e-37f);
    CHECK(fast_exp(0) == 1);
}

TEST_CASE("kernel: rms norm") {
    for (const auto& [rows, width] : {std::pair{1, 1}, {3, 7}, {300, 64}, {513, 97}}) {
        for (const double offset : {0.0, 1.0}) {
            CAPTURE(rows);
            CAPTURE(width);
            const at::Tensor x = leaf(random({rows, width})), w = leaf(random({width})), dy = random({rows, width});
            const RmsNorm norm{rows, width, 1e-5f, float(offset)};
            const at::Tensor wanted = plain_norm({.epsilon = 1e-5, .offset = offset}, x, w, {});
            wanted.backward(dy);
            at::Tensor y = at::empty({rows, width}), inverse = at::empty({rows}), dx = at::empty({rows, width}),
                       dw = at::ones({width}), again = at::empty({rows, width});
            const float* in = x.const_data_ptr<float>();
            const float* weight = w.const_data_ptr<float>();
            rms_norm(norm, in, weight, y.mutable_data_ptr<float>(), inverse.mutable_data_ptr<float>());
            rms_norm_again(norm, in, weight, inverse.const_data_ptr<float>(), again.mutable_data_ptr<float>());
            rms_norm_backward(norm, in, weight, inverse.const_data_ptr<float>(), dy.const_data_ptr<float>(),
                              dx.mutable_data_ptr<float>(), dw.mutable_data_ptr<float>());
            CHECK(largest_difference(y, wanted.detach()) < 1e-5);
            CHECK(at::equal(y, again));
            CHECK(largest_difference(dx, x.grad()) < 2e-4);
            CHECK(largest_difference(dw - 1, w.grad()) < 2e-4);
        }
    }
}

TEST_CASE("kernel: gated activations") {
    for (const auto activation : {Activation::silu, Activation::gelu_tanh}) {
        for (const auto& [rows, width] : {std::pair{1, 1}, {5, 33}, {70, 64}}) {
            const at::Tensor both = leaf(at::cat({random({rows, width}, 4), random({rows, width})}, 1));
            const at::Tensor dy = random({rows, width});
            const at::Tensor wanted = plain_gated(activation, both);
            wanted.backward(dy);
            at::Tensor y = at::empty({rows, width}), d = at::empty({rows, 2 * width});
            gated(activation, both.const_data_ptr<float>(), rows, width, y.mutable_data_ptr<float>());
            gated_backward(activation, both.const_data_ptr<float>(), dy.const_data_ptr<float>(), rows, width,
                           d.mutable_data_ptr<float>());
            CHECK(largest_difference(y, wanted.detach()) < 1e-5);
            CHECK(largest_difference(d, both.grad()) < 1e-5);
        }
    }
}

TEST_CASE("kernel: cross-entropy with its gradient in place") {
    for (const double cap : {0.0, 30.0}) {
        for (const auto& [rows, classes] : {std::pair{1, 1}, {3, 17}, {20, 5003}}) {
            const at::Tensor logits = leaf(random({rows, classes}, 8));
            const at::Tensor labels = at::randint(classes, {rows}, at::kLong);
            const at::Tensor wanted = plain_cross_entropy(logits, labels, cap);
            (wanted.sum() * 0.25).backward();
            at::Tensor work = logits.detach().clone(), plain = work.clone();
            at::Tensor losses = at::empty({rows}), only = at::empty({rows}), right = at::empty({rows}, at::kByte);
            const auto rows_of = [&](at::Tensor& memory) {
                return LogitRows<float>{memory.mutable_data_ptr<float>(), labels.const_data_ptr<std::int64_t>(), rows,
                                        classes, float(cap)};
            };
            cross_entropy_in_place(rows_of(work), 0.25f, losses.mutable_data_ptr<float>(),
                                   right.mutable_data_ptr<std::uint8_t>());
            CHECK(largest_difference(losses, wanted.detach()) < 1e-5);
            CHECK(largest_difference(work, logits.grad()) < 1e-6);
            CHECK(right.equal(logits.detach().argmax(1).eq(labels).to(at::kByte)));
            cross_entropy(rows_of(plain), only.mutable_data_ptr<float>(), right.mutable_data_ptr<std::uint8_t>());
            CHECK(largest_difference(only, losses) < 1e-6);
        }
    }
}

TEST_CASE("kernel: dropout lets the same values fall whatever computes it") {
    for (const std::int64_t count : {1, 37, 16384, 40001}) {
        for (const float rate : {0.05f, 0.5f}) {
            for (const std::uint64_t stream : {std::uint64_t{1}, std::uint64_t{0xFEDCBA9876543211}}) {
                const at::Tensor x = random({count}), y = at::empty_like(x);
                const Dropout dropout{rate, stream};
                drop(dropout, x.const_data_ptr<float>(), count, y.mutable_data_ptr<float>());
                CHECK(at::equal(y, plain_drop(dropout, x)));
                if (count > 10000) CHECK(std::abs(y.eq(0).to(at::kDouble).mean().item<double>() - rate) < 0.02);
            }
        }
    }
}

TEST_CASE("kernel: small products with any strides of the left matrix") {
    for (const auto& [m, n, k] : {std::tuple{1, 16, 1}, {7, 48, 5}, {13, 80, 33}, {48, 112, 64}}) {
        const at::Tensor a = random({m, k}), b = random({k, n}), c = random({m, n});
        const at::Tensor across = a.t().contiguous();
        for (const bool add : {false, true}) {
            at::Tensor one = c.clone(), two = c.clone();
            multiply({m, n, k, a.const_data_ptr<float>(), k, 1, b.const_data_ptr<float>(), n,
                      one.mutable_data_ptr<float>(), n, add});
            multiply({m, n, k, across.const_data_ptr<float>(), 1, m, b.const_data_ptr<float>(), n,
                      two.mutable_data_ptr<float>(), n, add});
            const at::Tensor wanted = add ? c + a.mm(b) : a.mm(b);
            CHECK(largest_difference(one, wanted) < 1e-4);
            CHECK(at::equal(one, two));
        }
    }
}

// It is no part of libtorch's public interface, and LinearAlgebra calls it with just these arguments.
TEST_CASE("kernel: libtorch declares oneDNN's product as it is called") {
    const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    REQUIRE(found.has_value());
    CHECK(toString(found->schema()) ==
          "mkldnn::_linear_pointwise(Tensor X, Tensor W, Tensor? B, str attr, Scalar?[] scalars, str? algorithm) -> "
          "Tensor Y");
    CHECK((find_gemm("onednn") == Gemm::onednn));
}

TEST_CASE("kernel: large products by every routine") {
    for (const Gemm gemm : {Gemm::aten, Gemm::onednn, best_gemm(at::kFloat)}) {
        const LinearAlgebra algebra(gemm);
        const at::Tensor a = random({37, 65}), b = random({29, 65});
        CHECK(largest_difference(algebra.multiply(a, b), a.mm(b.t())) < 1e-4);
        const at::Tensor g = random({37, 29});
        CHECK(largest_difference(algebra.multiply(g, b.t()), g.mm(b)) < 1e-4);          // dX
        CHECK(largest_difference(algebra.multiply(g.t(), a.t()), g.t().mm(a)) < 1e-4);  // dW
    }
}

TEST_CASE("kernel: products of bfloat16 are added up in float32") {
    for (const Gemm gemm : {Gemm::aten, best_gemm(at::kBFloat16)}) {
        CAPTURE(name_of(gemm));
        const LinearAlgebra algebra(gemm);
        const at::Tensor a = random({37, 65}).to(at::kBFloat16), b = random({29, 65}).to(at::kBFloat16);
        const at::Tensor exact = a.to(at::kFloat).mm(b.to(at::kFloat).t());
        CHECK(largest_difference(algebra.multiply(a, b).to(at::kFloat), exact) < 0.5);
        // Products of 65 terms reach 64, where bfloat16 has steps of 0.5.
        const double rounding = gemm == Gemm::mkl ? 1e-4 : 0.5;
        const at::Tensor c = at::ones({37, 40});
        algebra.add_product(c.slice(1, 0, 29), a, b);  // rows with something behind them
        CHECK(largest_difference(c.slice(1, 0, 29) - 1, exact) < rounding);
        CHECK(largest_difference(c.slice(1, 29), at::ones({37, 11})) == 0);
        const at::Tensor across = at::zeros({65, 65});
        algebra.add_product(across, a.t(), a.t());
        CHECK(largest_difference(across, a.to(at::kFloat).t().mm(a.to(at::kFloat))) < rounding);
        const at::Tensor scaled = at::ones({37, 29});
        algebra.add_product(scaled, a, b, 0.3);
        CHECK(largest_difference(scaled - 1, exact * 0.3) < rounding * 0.3);
    }
}

TEST_CASE("the gradient of lora_B is added up in float32 over micro-batches") {
    const auto gemm = find_gemm("mkl");
    if (!gemm) return;  // other routines round each product to bfloat16
    const LinearAlgebra algebra(*gemm);
    const Parameters parameters({{"w", {24, 32}, "float32", Role::linear, false},
                                 {"a", {8, 32}, "float32", Role::adapter, true},
                                 {"b", {24, 8}, "float32", Role::adapter, true}},
                                at::kBFloat16);
    for (const NamedTensor& parameter : parameters.values(false)) at::Tensor(parameter.value).normal_();
    parameters.round_all();
    Adapter adapter{.begin = 0, .end = 24, .a_RI = parameters.at("a"), .b_OR = parameters.at("b"), .scale = 0.3};
    const Linear linear{.weight = parameters.at("w"), .adapters = {adapter}};
    const at::Tensor exact = at::zeros({24, 8});
    for (int batch = 0; batch < 32; ++batch) {
        const at::Tensor x = random({16, 32}).to(at::kBFloat16), dy = random({16, 24}).to(at::kBFloat16);
        LinearSaved saved;
        linear_forward(algebra, linear, x, saved);
        linear_backward(algebra, linear, saved, x, dy, false);
        at::Tensor(exact).add_(dy.to(at::kFloat).t().mm(saved.adapters[0].low_NR.to(at::kFloat)), adapter.scale);
    }
    // One product rounded to bfloat16 would be off by some thousandths of its largest value.
    CHECK(largest_difference(parameters.at("b").gradient, exact) < 1e-5 * exact.abs().max().item<double>());
}

TEST_CASE("kernel: rows are rounded to bfloat16 as libtorch rounds them") {
    at::Tensor x = at::cat({random({1003}, 1e3), random({50}, 1e-38), at::arange(64) * 0.00390625 + 1});
    for (const double special : {0.0, -0.0, double(INFINITY), -double(INFINITY), 3.4e38, double(NAN)})
        x = at::cat({x, at::full({1}, special)});
    const at::Tensor rounded = at::empty_like(x, at::kBFloat16), again = at::empty_like(x);
    narrow(x.const_data_ptr<float>(), x.numel(), rounded.mutable_data_ptr<BFloat16>());
    CHECK(at::equal(rounded.nan_to_num(7), x.to(at::kBFloat16).nan_to_num(7)));
    widen(rounded.const_data_ptr<BFloat16>(), x.numel(), again.mutable_data_ptr<float>());
    CHECK(at::equal(again.nan_to_num(7), rounded.to(at::kFloat).nan_to_num(7)));
}

// What a kernel makes of bfloat16 is what it makes of the same numbers in float32, rounded once.
TEST_CASE("kernel: bfloat16 is rounded at the borders only") {
    const auto small = [](const at::Tensor& x) { return x.to(at::kBFloat16); };
    const auto same = [&](const at::Tensor& y, const at::Tensor& of_floats) { CHECK(at::equal(y, small(of_floats))); };
    const std::int64_t rows = 19, width = 37;
    const at::Tensor x = random({rows, width}), w = random({width}), inverse = at::empty({rows});
    const at::Tensor wide_y = at::empty({rows, width}), y = small(wide_y);
    const RmsNorm norm{rows, width, 1e-5f, 0};
    rms_norm(norm, x.const_data_ptr<float>(), w.const_data_ptr<float>(), wide_y.mutable_data_ptr<float>(),
             inverse.mutable_data_ptr<float>());
    rms_norm(norm, x.const_data_ptr<float>(), w.const_data_ptr<float>(), y.mutable_data_ptr<BFloat16>(),
             inverse.mutable_data_ptr<float>());
    same(y, wide_y);
    const at::Tensor dy = small(random({rows, width})), wide_dy = dy.to(at::kFloat);
    const at::Tensor dx = at::empty({rows, width}), wide_dx = at::empty({rows, width});
    rms_norm_backward(norm, x.const_data_ptr<float>(), w.const_data_ptr<float>(), inverse.const_data_ptr<float>(),
                      wide_dy.const_data_ptr<float>(), wide_dx.mutable_data_ptr<float>(), nullptr);
    rms_norm_backward(norm, x.const_data_ptr<float>(), w.const_data_ptr<float>(), inverse.const_data_ptr<float>(),
                      dy.const_data_ptr<BFloat16>(), dx.mutable_data_ptr<float>(), nullptr);
    CHECK(at::equal(dx, wide_dx));

    const at::Tensor both = small(random({rows, 2 * width})), wide_both = both.to(at::kFloat);
    const at::Tensor d = at::empty_like(both), wide_d = at::empty_like(wide_both);
    gated(Activation::silu, both.const_data_ptr<BFloat16>(), rows, width, y.mutable_data_ptr<BFloat16>());
    gated(Activation::silu, wide_both.const_data_ptr<float>(), rows, width, wide_y.mutable_data_ptr<float>());
    same(y, wide_y);
    gated_backward(Activation::silu, both.const_data_ptr<BFloat16>(), dy.const_data_ptr<BFloat16>(), rows, width,
                   d.mutable_data_ptr<BFloat16>());
    gated_backward(Activation::silu, wide_both.const_data_ptr<float>(), wide_dy.const_data_ptr<float>(), rows, width,
                   wide_d.mutable_data_ptr<float>());
    same(d, wide_d);

    const at::Tensor logits = small(random({rows, width}, 4)), wide_logits = logits.to(at::kFloat);
    const at::Tensor labels = at::randint(width, {rows}, at::kLong), losses = at::empty({rows}),
                     wide_losses = at::empty({rows}), right = at::empty({rows}, at::kByte);
    cross_entropy_in_place(
        LogitRows<BFloat16>{logits.mutable_data_ptr<BFloat16>(), labels.const_data_ptr<std::int64_t>(), rows, width, 0},
        0.5f, losses.mutable_data_ptr<float>(), right.mutable_data_ptr<std::uint8_t>());
    cross_entropy_in_place(
        LogitRows<float>{wide_logits.mutable_data_ptr<float>(), labels.const_data_ptr<std::int64_t>(), rows, width, 0},
        0.5f, wide_losses.mutable_data_ptr<float>(), right.mutable_data_ptr<std::uint8_t>());
    same(logits, wide_logits);
    CHECK(at::equal(losses, wide_losses));
}

namespace {

struct Case {
    std::int64_t batch, length, heads, kv_heads, head_dim;
    double cap;
    std::int64_t window, rotary;
    bool packed;
};

}  // namespace

TEST_CASE("kernel: attention with rotation, groups, windows, caps and packed sequences") {
    for (const Case& c : {Case{1, 1, 1, 1, 2, 0, 0, 2, false}, Case{2, 5, 2, 2, 6, 0, 0, 6, false},
                          Case{2, 50, 4, 2, 48, 0, 0, 48, false}, Case{1, 130, 3, 1, 64, 0, 0, 64, true},
                          Case{2, 97, 2, 1, 16, 20, 9, 16, false}, Case{1, 64, 2, 2, 8, 0, 3, 0, true},
                          Case{2, 33, 2, 1, 20, 0, 0, 8, true}}) {
        CAPTURE(c.length);
        const std::int64_t rows = c.batch * c.length;
        const at::Tensor qkv = leaf(random({rows, (c.heads + 2 * c.kv_heads) * c.head_dim}));
        const at::Tensor d_out = random({rows, c.heads * c.head_dim});
        at::Tensor starts = at::zeros({rows}, at::kLong), positions = at::arange(c.length).repeat(c.batch);
        if (c.packed) {  // of the first row
            const std::int64_t cut = c.length / 3;
            starts.slice(0, cut, c.length).fill_(cut);
            positions.slice(0, cut, c.length).sub_(cut);
        }
        const at::Tensor angles =
            at::arange(c.length).view({-1, 1}) * at::pow(10000.0, at::arange(c.rotary / 2) * (-2.0 / double(c.rotary)));
        const at::Tensor cosines = at::cos(angles).to(at::kFloat), sines = at::sin(angles).to(at::kFloat);
        Attention shape{.batch = c.batch,
                        .length = c.length,
                        .heads = c.heads,
                        .kv_heads = c.kv_heads,
                        .head_dim = c.head_dim,
                        .scale = 0.3f,
                        .soft_cap = float(c.cap),
                        .window = c.window,
                        .rotary = c.rotary,
                        .cosines = cosines.const_data_ptr<float>(),
                        .sines = sines.const_data_ptr<float>()};
        shape.positions = positions.const_data_ptr<std::int64_t>();
        shape.starts = starts.const_data_ptr<std::int64_t>();
        const at::Tensor wanted = plain_attention(shape, qkv);
        wanted.backward(d_out);
        at::Tensor out = at::empty({rows, c.heads * c.head_dim}), logs = at::empty({rows * c.heads});
        at::Tensor d_qkv = at::empty_like(qkv.detach());
        attention(shape, qkv.const_data_ptr<float>(), out.mutable_data_ptr<float>(), logs.mutable_data_ptr<float>());
        attention_backward(shape, qkv.const_data_ptr<float>(), logs.const_data_ptr<float>(),
                           d_out.const_data_ptr<float>(), d_qkv.mutable_data_ptr<float>());
        CHECK(largest_difference(out, wanted.detach()) < 2e-5);
        CHECK(largest_difference(d_qkv, qkv.grad()) < 2e-4);

        // In bfloat16: the same numbers, rounded at the borders only.
        const at::Tensor small = qkv.detach().to(at::kBFloat16), d_small = d_out.to(at::kBFloat16);
        const at::Tensor wide = small.to(at::kFloat), d_wide = d_small.to(at::kFloat);
        const at::Tensor small_out = at::empty_like(d_small), d_small_qkv = at::empty_like(small);
        attention(shape, wide.const_data_ptr<float>(), out.mutable_data_ptr<float>(), logs.mutable_data_ptr<float>());
        attention(shape, small.const_data_ptr<BFloat16>(), small_out.mutable_data_ptr<BFloat16>(),
                  logs.mutable_data_ptr<float>());
        CHECK(at::equal(small_out, out.to(at::kBFloat16)));
        attention_backward(shape, wide.const_data_ptr<float>(), logs.const_data_ptr<float>(),
                           d_wide.const_data_ptr<float>(), d_qkv.mutable_data_ptr<float>());
        attention_backward(shape, small.const_data_ptr<BFloat16>(), logs.const_data_ptr<float>(),
                           d_small.const_data_ptr<BFloat16>(), d_small_qkv.mutable_data_ptr<BFloat16>());
        CHECK(at::equal(d_small_qkv, d_qkv.to(at::kBFloat16)));
    }
}
