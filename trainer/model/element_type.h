// From the type of a tensor's elements to a type of C++.
#pragma once

#include <ATen/core/Tensor.h>

#include "trainer/kernel/element.h"

namespace ktrain::trainer {

// Calls `kernel` with a null pointer to the type of the elements, float or BFloat16.
template <class Kernel>
void with_type_of(const at::Tensor& tensor, const Kernel& kernel) {
    if (tensor.scalar_type() == at::kFloat)
        kernel(static_cast<float*>(nullptr));
    else
        kernel(static_cast<BFloat16*>(nullptr));
}

}  // namespace ktrain::trainer
