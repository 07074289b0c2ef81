// Norm of the gradients and the factor that limits it.
#include "trainer/optim/clip.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

namespace ktrain::trainer {

double gradient_norm(const std::vector<at::Tensor>& parameters) {
    const c10::NoGradGuard no_grad;
    double squares = 0;
    for (const auto& parameter : parameters) {
        if (!parameter.grad().defined()) continue;
        const double norm = at::linalg_vector_norm(parameter.grad()).item<double>();
        squares += norm * norm;
    }
    return std::sqrt(squares);
}

double clip_factor(double norm, double max_norm) {
    if (max_norm <= 0) return 1;
    return std::min(1.0, max_norm / (norm + 1e-6));
}

}  // namespace ktrain::trainer
