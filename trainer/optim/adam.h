// Adam and AdamW over a list of tensors, with the state a checkpoint keeps.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace ktrain::trainer {

struct AdamOptions {
    bool decoupled = true;  // AdamW: the weight decay acts on the weights; Adam: on the gradient
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
};

class Adam {
public:
    // `parameters` are updated in place by step(); they share storage with the model.
    Adam(std::vector<at::Tensor> parameters, const AdamOptions& options);

    // One update from the gradients of the parameters, which are dropped afterwards.
    // `gradient_scale` multiplies every gradient first (clipping, averaging over samples).
    void step(double learning_rate, double gradient_scale);

    // The state in the order of the parameters: first and second moments, and the count of steps.
    const std::vector<at::Tensor>& first_moments() const { return first_; }
    const std::vector<at::Tensor>& second_moments() const { return second_; }
    const std::vector<at::Tensor>& step_counts() const { return steps_; }

private:
    AdamOptions options_;
    std::vector<at::Tensor> parameters_, first_, second_, steps_;
};

}  // namespace ktrain::trainer
