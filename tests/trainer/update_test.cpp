// The kernels of optimizers against plain compositions of ATen operations, for odd sizes.
#include "tests/support/paths.h"
#include "trainer/kernel/update.h"

#include <ATen/ATen.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/json.h"
#include "tests/support/images.h"
#include "trainer/kernel/adafactor.h"
#include "trainer/kernel/adam_8bit.h"

using namespace ktrain;
using namespace ktrain::trainer;

namespace {

float* data(const at::Tensor& tensor) {
    return tensor.mutable_data_ptr<float>();
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

constexpr std::int64_t sizes[] = {1, 15, 16, 17, 255, 16384, 16385, 100003};

// Whether no code is nearer to x than this one, but for what a float cannot tell.
bool is_nearest(const DynamicCode& code, int chosen, double x) {
    double least = 2;
    for (const double one : code) least = std::min(least, std::abs(one - x));
    return std::abs(code[static_cast<std::size_t>(chosen)] - x) <= least + 2.5e-7 * std::abs(x);
}

}  // namespace

TEST_CASE("update: adam") {
    AdamStep step{0.5f, 0.1f, 0.99f, 0.02f, 0.3f, 0.9f, 0.999f, 1e-6f, 0.1f, 0.001f};
    for (const std::int64_t n : sizes) {
        CAPTURE(n);
        const at::Tensor w = at::randn(n), g = at::randn(n), m = at::randn(n), v = at::rand(n);
        const at::Tensor w2 = w.clone(), g2 = g.clone(), m2 = m.clone(), v2 = v.clone();
        adam_step(step, n, data(w2), data(g2), data(m2), data(v2));
        const at::Tensor pulled = g * 0.5 + w * 0.1, m1 = m + (pulled - m) * 0.1;
        const at::Tensor v1 = v * 0.999 + pulled * pulled * 0.001, w1 = w * 0.99 - m1 * 0.02 / (v1.sqrt() / 0.3 + 1e-6);
        CHECK(largest_difference(m1, m2) < 1e-6);
        CHECK(largest_difference(v1, v2) < 1e-6);
        CHECK(largest_difference(w1, w2) < 1e-5);
        CHECK(g2.abs().max().item<float>() == 0);
    }
}

TEST_CASE("update: sgd and lion") {
    for (const std::int64_t n : sizes) {
        CAPTURE(n);
        const at::Tensor w = at::randn(n), g = at::randn(n), m = at::randn(n);
        const auto after = [&](auto&& run) {
            std::vector<at::Tensor> copies{w.clone(), g.clone(), m.clone()};
            run(data(copies[0]), data(copies[1]), data(copies[2]));
            CHECK(copies[1].abs().max().item<float>() == 0);
            return copies;
        };
        const at::Tensor pulled = g * 0.5 + w * 0.1;
        const auto plain = after([&](float* a, float* b, float*) {
            sgd_step({0.5f, 0.1f, 0.02f, 0}, n, a, b, nullptr);
        });
        CHECK(largest_difference(plain[0], w - pulled * 0.02) < 1e-6);
        const auto moved = after([&](float* a, float* b, float* c) {
            sgd_step({0.5f, 0.1f, 0.02f, 0.9f}, n, a, b, c);
        });
        CHECK(largest_difference(moved[2], m * 0.9 + pulled) < 1e-6);
        CHECK(largest_difference(moved[0], w - (m * 0.9 + pulled) * 0.02) < 1e-6);
        const LionStep step{0.5f, 0.99f, 0.02f, 0.9f, 0.8f, 0.1f, 0.2f};
        const auto roared = after([&](float* a, float* b, float* c) { lion_step(step, n, a, b, c); });
        CHECK(largest_difference(roared[0], w * 0.99 - (m * 0.9 + g * 0.05).sign() * 0.02) < 1e-6);
        CHECK(largest_difference(roared[2], m * 0.8 + g * 0.1) < 1e-6);
    }
    at::Tensor still = at::ones(3), none = at::zeros(3), average = at::zeros(3);
    lion_step({.rate = 1}, 3, data(still), data(none), data(average));
    CHECK(at::equal(still, at::ones(3)));
}

TEST_CASE("update: the 8-bit codes are those of bitsandbytes") {
    const Json expected = Json::parse(test::read_file(test::source_path("/tests/parity/optim/reference.json")))["code"];
    for (std::size_t i = 0; i < 256; ++i) {
        CHECK(signed_code()[i] == doctest::Approx(expected["signed"][i].get<double>()).epsilon(1e-6));
        CHECK(unsigned_code()[i] == doctest::Approx(expected["unsigned"][i].get<double>()).epsilon(1e-6));
    }
}

TEST_CASE("update: every value gets the nearest 8-bit code") {
    std::vector<float> values;
    for (const DynamicCode& code : {signed_code(), unsigned_code()})
        for (std::size_t i = 0; i + 1 < code.size(); ++i) {
            const float middle = (code[i] + code[i + 1]) / 2;
            for (const float x : {code[i], std::nextafter(middle, -2.0f), std::nextafter(middle, 2.0f)})
                values.push_back(x);
        }
    for (int i = 0; i < 2000; ++i)
        values.push_back(static_cast<float>(std::pow(10, -i * 0.005)) * (i % 2 == 0 ? 1 : -1));
    values.push_back(0);
    for (const float x : values) {
        CAPTURE(x);
        // The largest value of the block is 1, so codes stand for themselves. The second moment is the square.
        at::Tensor weights = at::zeros(2), gradients = at::tensor({1.0f, x}), largest1 = at::zeros(1);
        at::Tensor codes1 = at::zeros(2, at::kByte), codes2 = at::zeros(2, at::kByte), largest2 = at::zeros(1);
        const AdamStep step{.beta1 = 0, .beta2 = 0, .fresh1 = 1, .fresh2 = 1};
        adam_8bit_step(step, 2, data(weights), data(gradients),
                       {codes1.mutable_data_ptr<std::uint8_t>(), data(largest1)},
                       {codes2.mutable_data_ptr<std::uint8_t>(), data(largest2)});
        CHECK(codes1[0].item<int>() == 255);
        CHECK(is_nearest(signed_code(), codes1[1].item<int>(), x));
        CHECK(is_nearest(unsigned_code(), codes2[1].item<int>(), x * x));
        CHECK(largest1.item<float>() == 1);
    }
}

TEST_CASE("update: adam with 8-bit moments") {
    const at::Tensor signs = at::tensor(at::ArrayRef<float>(signed_code())),
                     squares = at::tensor(at::ArrayRef<float>(unsigned_code()));
    for (const std::int64_t n : sizes) {
        CAPTURE(n);
        const std::int64_t blocks = (n + 255) / 256;
        const at::Tensor w = at::randn(n), g = at::randn(n);
        const at::Tensor c1 = at::randint(256, n, at::kByte), c2 = at::randint(256, n, at::kByte);
        const at::Tensor a1 = at::rand(blocks), a2 = at::rand(blocks);
        const auto value = [&](const at::Tensor& code, const at::Tensor& codes, const at::Tensor& largest) {
            return code.index_select(0, codes.to(at::kLong)) * largest.repeat_interleave(256).slice(0, 0, n);
        };
        const at::Tensor m = value(signs, c1, a1) * 0.9 + g * 0.05, v = value(squares, c2, a2) * 0.99 + g * g * 0.0025;
        const at::Tensor expected = w * 0.98 - m * 0.02 / (v.sqrt() / 0.3 + 1e-3);
        const AdamStep step{0.5f, 0, 0.98f, 0.02f, 0.3f, 0.9f, 0.99f, 1e-3f, 0.1f, 0.01f};
        adam_8bit_step(step, n, data(w), data(g), {c1.mutable_data_ptr<std::uint8_t>(), data(a1)},
                       {c2.mutable_data_ptr<std::uint8_t>(), data(a2)});
        CHECK(largest_difference(w, expected) < 1e-5);
        CHECK(g.abs().max().item<float>() == 0);
        // No code is off by more than half of the widest gap, 9 in 100 parts over 6.
        CHECK(largest_difference(value(signs, c1, a1), m) < 0.0075 * a1.max().item<double>());
        CHECK(largest_difference(value(squares, c2, a2), v) < 0.0075 * a2.max().item<double>());
    }
}

TEST_CASE("update: adafactor") {
    const AdafactorStep step{0.5f, 0.98f, 0.75f, 0.25f, 0.02};
    const std::vector<std::vector<std::int64_t>> shapes{{1, 1},    {3, 40},     {1, 33},      {41, 1},
                                                        {129, 67}, {2000, 515}, {7, 5, 3, 3}, {2, 70, 300}};
    for (const auto& shape : shapes) {
        CAPTURE(shape);
        const at::Tensor w = at::randn(shape), g = at::randn(shape), scaled = g.to(at::kDouble) * 0.5;
        const at::Tensor square = scaled * scaled + 1e-30;
        const at::Tensor row = at::rand_like(g.select(-1, 0)), column = at::rand_like(g.select(-2, 0));
        const at::Tensor row1 = row * 0.75 + square.mean(-1) * 0.25, column1 = column * 0.75 + square.mean(-2) * 0.25;
        const at::Tensor update =
            scaled * (row1 / row1.mean(-1, true)).rsqrt().unsqueeze(-1) * column1.rsqrt().unsqueeze(-2);
        const double size = update.norm().item<double>() / std::sqrt(static_cast<double>(update.numel()));
        const at::Tensor expected = w * 0.98 - update * 0.02 / std::max(1.0, size);
        const std::int64_t rows = shape[shape.size() - 2], columns = shape.back();
        adafactor_step(step, {w.numel() / rows / columns, rows, columns}, data(w), data(g), data(row), data(column));
        CHECK(largest_difference(row, row1) < 2e-6);
        CHECK(largest_difference(column, column1) < 2e-6);
        CHECK(largest_difference(w, expected) < 2e-6);
        CHECK(g.abs().max().item<float>() == 0);
    }
    for (const std::int64_t n : sizes) {
        const at::Tensor w = at::randn(n), g = at::randn(n), v = at::rand(n), scaled = g.to(at::kDouble) * 0.5;
        const at::Tensor v1 = v * 0.75 + (scaled * scaled + 1e-30) * 0.25, update = scaled * v1.rsqrt();
        const double size = update.norm().item<double>() / std::sqrt(static_cast<double>(n));
        const at::Tensor expected = w * 0.98 - update * 0.02 / std::max(1.0, size);
        adafactor_step(step, n, data(w), data(g), data(v));
        CHECK(largest_difference(v, v1) < 1e-6);
        CHECK(largest_difference(w, expected) < 2e-6);
        CHECK(g.abs().max().item<float>() == 0);
    }
}
