// Hashing of named tensors.
#include "trainer/state/digest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/digest.h"

namespace ktrain::trainer {

std::string model_hash(const NamedTensors& tensors) {
    NamedTensors sorted = tensors;
    std::ranges::sort(sorted, {}, &NamedTensor::name);
    Sha256 digest;
    for (const auto& [name, value] : sorted) {
        const at::Tensor dense = value.detach().contiguous();
        digest.add(
            fmt::format("{} {} [{}]\n", name, c10::toString(dense.scalar_type()), fmt::join(dense.sizes(), ", ")));
        digest.add({static_cast<const char*>(dense.const_data_ptr()), dense.nbytes()});
    }
    return digest.hex();
}

}  // namespace ktrain::trainer
