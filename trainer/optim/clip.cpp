// Norm of the gradients and the factor that limits it.
#include "trainer/optim/clip.h"

#include <algorithm>
#include <cmath>

#include "trainer/kernel/update.h"

namespace ktrain::trainer {

double gradient_norm(const Parameters& parameters) {
    const at::Tensor& gradients = parameters.gradients();
    return std::sqrt(sum_of_squares(gradients.const_data_ptr<float>(), gradients.numel()));
}

double clip_factor(double norm, double max_norm) {
    if (max_norm <= 0) return 1;
    return std::min(1.0, max_norm / (norm + 1e-6));
}

}  // namespace ktrain::trainer
