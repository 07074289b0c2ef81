// Parameters and forward pass of the handbook's CNN.
#include "trainer/model/simple_cnn.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>

#include <cmath>

#include "trainer/model/relu_pool.h"

namespace ktrain::trainer {
namespace {

// Weight and bias of one layer as reset_parameters() of nn.Conv2d and nn.Linear fills them: both uniform in
// +-1/sqrt(fan_in); the weight's bound goes through kaiming_uniform_(a = sqrt(5)) and its rounding.
void add_layer(NamedTensors& to, const std::string& name, at::IntArrayRef shape, at::Generator& generator) {
    at::Tensor weight = at::empty(shape, at::kFloat);
    const auto fan_in = static_cast<double>(weight.numel() / shape[0]);
    const double gain = std::sqrt(2.0 / (1.0 + std::pow(std::sqrt(5.0), 2)));
    const double bound = std::sqrt(3.0) * (gain / std::sqrt(fan_in));
    weight.uniform_(-bound, bound, generator);
    at::Tensor bias = at::empty({shape[0]}, at::kFloat);
    const double bias_bound = 1.0 / std::sqrt(fan_in);
    bias.uniform_(-bias_bound, bias_bound, generator);
    to.push_back({name + ".weight", weight});
    to.push_back({name + ".bias", bias});
}

}  // namespace

NamedTensors simple_cnn_parameters(std::int64_t input_channels, std::int64_t num_classes, std::uint64_t seed) {
    at::Generator generator = at::detail::createCPUGenerator(seed);
    NamedTensors parameters;
    add_layer(parameters, "0", {32, input_channels, 3, 3}, generator);
    add_layer(parameters, "3", {64, 32, 3, 3}, generator);
    add_layer(parameters, "6", {128, 64, 3, 3}, generator);
    add_layer(parameters, "10", {num_classes, 128}, generator);
    for (auto& parameter : parameters) parameter.value.set_requires_grad(true);
    return parameters;
}

at::Tensor simple_cnn_forward(const NamedTensors& parameters, const at::Tensor& images) {
    const auto convolve = [&](const at::Tensor& input, std::size_t layer) {
        return at::conv2d(input, parameters[layer].value, parameters[layer + 1].value, /*stride=*/1, /*padding=*/1);
    };
    at::Tensor hidden = relu_pool(convolve(images, 0));
    hidden = relu_pool(convolve(hidden, 2));
    hidden = at::relu(convolve(hidden, 4));
    hidden = hidden.mean({2, 3});  // AdaptiveAvgPool2d(1) and Flatten
    return at::linear(hidden, parameters[6].value, parameters[7].value);
}

}  // namespace ktrain::trainer
