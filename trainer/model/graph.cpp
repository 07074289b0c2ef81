// Operations with hand-written backward passes, as nodes of libtorch's autograd.
#include "trainer/model/graph.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <algorithm>

namespace ktrain::trainer {
namespace {

class HandWritten final : public torch::autograd::Node {
public:
    HandWritten(torch::autograd::edge_list edges, Backward backward)
        : Node(std::move(edges)), backward_(std::move(backward)) {}

    torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
        return backward_(gradients.front().contiguous());
    }
    void release_variables() override { backward_ = nullptr; }
    std::string name() const override { return "ktrain"; }

private:
    Backward backward_;
};

}  // namespace

bool records(at::TensorList inputs, bool trains) {
    return at::GradMode::is_enabled() &&
           (trains || std::ranges::any_of(inputs, [](const at::Tensor& input) { return input.requires_grad(); }));
}

at::Tensor differentiable(at::Tensor output, at::TensorList inputs, bool trains, Backward backward) {
    if (!records(inputs, trains)) return output;
    auto node = std::make_shared<HandWritten>(torch::autograd::collect_next_edges(inputs), std::move(backward));
    torch::autograd::set_history(output, node);
    return output;
}

std::vector<at::Tensor> gradients_of(const Forward& forward, const std::vector<at::Tensor>& inputs,
                                     const at::Tensor& gradient) {
    const c10::AutoGradMode with_grad(true);
    std::vector<at::Tensor> leaves;
    for (const at::Tensor& input : inputs) leaves.push_back(input.detach().requires_grad_());
    return torch::autograd::grad({forward(leaves)}, leaves, {gradient});
}

}  // namespace ktrain::trainer
