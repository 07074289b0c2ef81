// Parameters and forward pass of the handbook's CNN.
#include "trainer/model/simple_cnn.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>

#include <cmath>

#include "trainer/model/relu_pool.h"

namespace ktrain::trainer {
namespace {

// Weight and bias of one layer as reset_parameters() of nn.Conv2d and nn.Linear fills them: both uniform in
// +-1/sqrt(fan_in); the weight's bound goes through kaiming_uniform_(a = sqrt(5)) and its rounding.
void fill_layer(const Parameters& parameters, const std::string& name, at::Generator& generator) {
    at::Tensor weight = parameters.at(name + ".weight").value;
    const auto fan_in = static_cast<double>(weight.numel() / weight.size(0));
    const double gain = std::sqrt(2.0 / (1.0 + std::pow(std::sqrt(5.0), 2)));
    const double bound = std::sqrt(3.0) * (gain / std::sqrt(fan_in));
    weight.uniform_(-bound, bound, generator);
    const double bias_bound = 1.0 / std::sqrt(fan_in);
    parameters.at(name + ".bias").value.uniform_(-bias_bound, bias_bound, generator);
}

}  // namespace

Parameters simple_cnn_parameters(std::int64_t input_channels, std::int64_t num_classes, std::uint64_t seed) {
    ModelShape shape;
    shape.family = "simple_cnn";
    shape.input_channels = input_channels;
    shape.num_classes = num_classes;
    Parameters parameters(inventory(shape, MethodSpec{}, "float32"));
    at::Generator generator = at::detail::createCPUGenerator(seed);
    for (const char* name : {"0", "3", "6", "10"}) fill_layer(parameters, name, generator);
    return parameters;
}

SimpleCnn::SimpleCnn(const Parameters& parameters) {
    for (const TensorDecl& declaration : parameters.declarations()) {
        const Parameter parameter = parameters.at(declaration.name);
        // Autograd adds to the gradient that is there.
        at::Tensor leaf = parameter.value.detach().requires_grad_(true);
        leaf.mutable_grad() = parameter.gradient;
        values_.push_back(leaf);
    }
}

at::Tensor SimpleCnn::forward(const at::Tensor& images) const {
    const auto convolve = [&](const at::Tensor& input, std::size_t layer) {
        return at::conv2d(input, values_[layer], values_[layer + 1], /*stride=*/1, /*padding=*/1);
    };
    at::Tensor hidden = relu_pool(convolve(images, 0));
    hidden = relu_pool(convolve(hidden, 2));
    hidden = at::relu(convolve(hidden, 4));
    hidden = hidden.mean({2, 3});  // AdaptiveAvgPool2d(1) and Flatten
    return at::linear(hidden, values_[6], values_[7]);
}

}  // namespace ktrain::trainer
