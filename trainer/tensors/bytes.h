// How much memory tensors take.
#pragma once

#include <cstdint>
#include <numeric>

#include "trainer/tensors/named_tensors.h"

namespace ktrain::trainer {

inline std::int64_t bytes_of(const NamedTensors& tensors) {
    return std::accumulate(tensors.begin(), tensors.end(), std::int64_t{0},
                           [](std::int64_t sum, const NamedTensor& tensor) {
                               return sum + static_cast<std::int64_t>(tensor.value.nbytes());
                           });
}

}  // namespace ktrain::trainer
