// The identity of a model: one SHA-256 over its tensors.
#pragma once

#include <string>

#include "trainer/tensors/named_tensors.h"

namespace ktrain::trainer {

// SHA-256 over the tensors sorted by name, each as "name type [d0, d1]\n" and its little-endian bytes. Equal for equal
// weights, whatever file they are in.
std::string model_hash(const NamedTensors& tensors);

// Eight characters are shown to people.
inline std::string short_hash(const std::string& hash) {
    return hash.substr(0, 8);
}

}  // namespace ktrain::trainer
