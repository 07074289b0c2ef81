// Kernels of ReLU + 2x2 max pooling and their place in autograd.
#include "trainer/model/relu_pool.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdint>

namespace ktrain::trainer {
namespace {

// Which of the four inputs an output came from, in row-major order; `none` where the ReLU cut it off.
constexpr std::uint8_t none = 4;

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

// One output row from two input rows. Comparisons are written so that the first of equal values wins and a NaN stays.
void pool_row(const float* top, const float* bottom, std::int64_t width, float* out, std::uint8_t* from) {
    for (std::int64_t i = 0; i < width; ++i) {
        const float a = top[2 * i], b = top[2 * i + 1], c = bottom[2 * i], d = bottom[2 * i + 1];
        const bool right = !(b <= a), lower_right = !(d <= c);
        const float upper = right ? b : a, lower = lower_right ? d : c;
        const bool below = !(lower <= upper);
        const float best = below ? lower : upper;
        const std::uint8_t place = below ? (lower_right ? 3 : 2) : (right ? 1 : 0);
        const bool cut = best <= 0.0F;
        out[i] = cut ? 0.0F : best;
        from[i] = cut ? none : place;
    }
}

void unpool_row(const float* gradient, const std::uint8_t* from, std::int64_t width, float* top, float* bottom) {
    for (std::int64_t i = 0; i < width; ++i) {
        top[2 * i] = from[i] == 0 ? gradient[i] : 0.0F;
        top[2 * i + 1] = from[i] == 1 ? gradient[i] : 0.0F;
        bottom[2 * i] = from[i] == 2 ? gradient[i] : 0.0F;
        bottom[2 * i + 1] = from[i] == 3 ? gradient[i] : 0.0F;
    }
}

constexpr std::int64_t planes_per_task = 16;

void forward_planes(const Shape& shape, const float* in, float* out, std::uint8_t* from) {
    at::parallel_for(0, shape.planes, planes_per_task, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first * shape.out_height(); row < last * shape.out_height(); ++row) {
            const std::int64_t plane = row / shape.out_height(), y = row % shape.out_height();
            const float* top = in + plane * shape.in_size() + 2 * y * shape.width;
            const std::int64_t at = row * shape.out_width();
            pool_row(top, top + shape.width, shape.out_width(), out + at, from + at);
        }
    });
}

void backward_planes(const Shape& shape, const float* gradient, const std::uint8_t* from, float* in) {
    at::parallel_for(0, shape.planes, planes_per_task, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first * shape.out_height(); row < last * shape.out_height(); ++row) {
            const std::int64_t plane = row / shape.out_height(), y = row % shape.out_height();
            float* top = in + plane * shape.in_size() + 2 * y * shape.width;
            const std::int64_t at = row * shape.out_width();
            unpool_row(gradient + at, from + at, shape.out_width(), top, top + shape.width);
        }
    });
}

struct ReluPool : torch::autograd::Function<ReluPool> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input) {
        const at::Tensor dense = input.contiguous();
        const Shape shape = shape_of(dense);
        const std::vector<std::int64_t> sizes{dense.size(0), dense.size(1), shape.out_height(), shape.out_width()};
        at::Tensor output = at::empty(sizes, dense.options());
        at::Tensor from = at::empty(sizes, dense.options().dtype(at::kByte));
        forward_planes(shape, dense.const_data_ptr<float>(), output.mutable_data_ptr<float>(),
                       from.mutable_data_ptr<std::uint8_t>());
        context->saved_data["sizes"] = dense.sizes().vec();
        context->save_for_backward({from});
        return output;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        const at::Tensor from = context->get_saved_variables()[0];
        const at::Tensor gradient = gradients[0].contiguous();
        at::Tensor result = at::empty(context->saved_data["sizes"].toIntVector(), gradient.options());
        const Shape shape = shape_of(result);
        if (shape.height % 2 != 0 || shape.width % 2 != 0) result.zero_();
        backward_planes(shape, gradient.const_data_ptr<float>(), from.const_data_ptr<std::uint8_t>(),
                        result.mutable_data_ptr<float>());
        return {result};
    }
};

}  // namespace

at::Tensor relu_pool(const at::Tensor& input) {
    return ReluPool::apply(input);
}

}  // namespace ktrain::trainer
