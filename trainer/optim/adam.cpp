// Adam and AdamW by ATen's fused kernels.
#include "trainer/optim/adam.h"

#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

namespace ktrain::trainer {

Adam::Adam(std::vector<at::Tensor> parameters, const AdamOptions& options)
    : options_(options), parameters_(std::move(parameters)) {
    for (const auto& parameter : parameters_) {
        first_.push_back(at::zeros_like(parameter.detach()));
        second_.push_back(at::zeros_like(parameter.detach()));
        steps_.push_back(at::zeros({}, at::kFloat));
    }
}

void Adam::step(double learning_rate, double gradient_scale) {
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients;
    for (auto& parameter : parameters_) {
        gradients.push_back(parameter.grad());
        if (gradient_scale != 1.0) gradients.back().mul_(gradient_scale);
    }
    const auto fused = [&](auto kernel) {
        kernel(parameters_, gradients, first_, second_, /*max_exp_avg_sqs=*/{}, steps_, learning_rate, options_.beta1,
               options_.beta2, options_.weight_decay, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false,
               /*grad_scale=*/std::nullopt, /*found_inf=*/std::nullopt);
    };
    using Kernel = void (*)(at::TensorList, at::TensorList, at::TensorList, at::TensorList, at::TensorList,
                            at::TensorList, double, double, double, double, double, bool, bool,
                            const std::optional<at::Tensor>&, const std::optional<at::Tensor>&);
    // The kernels take the count of the step that is being made.
    for (auto& count : steps_) count.add_(1);
    fused(options_.decoupled ? static_cast<Kernel>(at::_fused_adamw_) : static_cast<Kernel>(at::_fused_adam_));
    for (auto& parameter : parameters_) parameter.mutable_grad().reset();
}

}  // namespace ktrain::trainer
