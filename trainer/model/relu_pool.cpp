// Kernels of ReLU + 2x2 max pooling and their place in autograd.
#include "trainer/model/relu_pool.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdint>

namespace ktrain::trainer {
namespace {

// The row kernels are compiled twice and chosen when the module is loaded; rows are too short for wider vectors than
// those of AVX2. Sanitizers cannot run the code that chooses.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KTRAIN_VECTORISED __attribute__((target_clones("avx2", "default")))
#else
#define KTRAIN_VECTORISED
#endif

struct Shape {
    std::int64_t planes, height, width;
    std::int64_t out_height() const { return height / 2; }
    std::int64_t out_width() const { return width / 2; }
    std::int64_t in_size() const { return height * width; }
    std::int64_t out_size() const { return out_height() * out_width(); }
};

Shape shape_of(const at::Tensor& input) {
    return {input.size(0) * input.size(1), input.size(2), input.size(3)};
}

float larger(float a, float b) {
    return a > b ? a : b;
}

// One output row from two input rows. Where all four are NaN, so is the output: a broken run must not look sound.
KTRAIN_VECTORISED void pool_row(const float* top, const float* bottom, std::int64_t width, float* out) {
    for (std::int64_t i = 0; i < width; ++i) {
        const float upper = larger(top[2 * i], top[2 * i + 1]);
        const float lower = larger(bottom[2 * i], bottom[2 * i + 1]);
        out[i] = larger(0.0F, larger(upper, lower));
    }
}

// The gradients of two input rows: that of an output above zero goes to the first input equal to it. The form, without
// branches or aliases, lets the compiler vectorise it.
KTRAIN_VECTORISED void unpool_row(const float* __restrict top, const float* __restrict bottom,
                                  const float* __restrict out, const float* __restrict gradient, std::int64_t width,
                                  float* __restrict to_top, float* __restrict to_bottom) {
    for (std::int64_t i = 0; i < width; ++i) {
        const float best = out[i], above = gradient[i], whole = best > 0.0F ? above : 0.0F;
        const float a = top[2 * i], b = top[2 * i + 1], c = bottom[2 * i], d = bottom[2 * i + 1];
        const float after_a = a == best ? 0.0F : whole;
        const float after_b = b == best ? 0.0F : after_a;
        const float after_c = c == best ? 0.0F : after_b;
        const float after_d = d == best ? 0.0F : after_c;
        to_top[2 * i] = whole - after_a;
        to_top[2 * i + 1] = after_a - after_b;
        to_bottom[2 * i] = after_b - after_c;
        to_bottom[2 * i + 1] = after_c - after_d;
    }
}

// Calls work(offset of two input rows, offset of one output row) for every output row, in parallel.
template <class Work>
void each_row(const Shape& shape, const Work& work) {
    constexpr std::int64_t planes_per_task = 64;
    at::parallel_for(0, shape.planes, planes_per_task, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t plane = first; plane < last; ++plane)
            for (std::int64_t y = 0; y < shape.out_height(); ++y)
                work(plane * shape.in_size() + 2 * y * shape.width, plane * shape.out_size() + y * shape.out_width());
    });
}

struct ReluPool : torch::autograd::Function<ReluPool> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input) {
        const at::Tensor dense = input.contiguous();
        const Shape shape = shape_of(dense);
        at::Tensor output =
            at::empty({dense.size(0), dense.size(1), shape.out_height(), shape.out_width()}, dense.options());
        const auto* in = dense.const_data_ptr<float>();
        auto* out = output.mutable_data_ptr<float>();
        each_row(shape, [&](std::int64_t from, std::int64_t to) {
            pool_row(in + from, in + from + shape.width, shape.out_width(), out + to);
        });
        context->save_for_backward({dense, output});
        return output;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const Shape shape = shape_of(saved[0]);
        const at::Tensor gradient = gradients[0].contiguous();
        at::Tensor result = at::empty_like(saved[0]);
        if (shape.height % 2 != 0 || shape.width % 2 != 0) result.zero_();
        const auto *in = saved[0].const_data_ptr<float>(), *out = saved[1].const_data_ptr<float>();
        const auto* from_above = gradient.const_data_ptr<float>();
        auto* to_below = result.mutable_data_ptr<float>();
        each_row(shape, [&](std::int64_t two, std::int64_t one) {
            unpool_row(in + two, in + two + shape.width, out + one, from_above + one, shape.out_width(), to_below + two,
                       to_below + two + shape.width);
        });
        return {result};
    }
};

}  // namespace

at::Tensor relu_pool(const at::Tensor& input) {
    return ReluPool::apply(input);
}

}  // namespace ktrain::trainer
