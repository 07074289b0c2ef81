// Random weights of a new model.
#include "trainer/model/initialise.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace ktrain::trainer {

void initialise(const Parameters& parameters, double range, double norm_offset, std::uint64_t seed,
                const std::set<std::string>& loaded) {
    at::Generator generator = at::detail::createCPUGenerator(seed);
    for (const TensorDecl& declaration : parameters.declarations()) {
        at::Tensor value = parameters.at(declaration.name).value;
        if (declaration.role == Role::adapter) {
            if (declaration.name.ends_with(".lora_A.weight")) {
                const double bound = 1 / std::sqrt(static_cast<double>(value.size(1)));
                value.uniform_(-bound, bound, generator);
            } else {
                value.zero_();
            }
        } else if (!loaded.contains(declaration.name)) {
            if (declaration.name.ends_with(".bias"))
                value.zero_();
            else if (declaration.role == Role::norm)
                value.fill_(1 - norm_offset);
            else
                value.normal_(0, range, generator);
        }
    }
}

}  // namespace ktrain::trainer
