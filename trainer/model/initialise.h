// Random weights of a new model.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// As _init_weights of most families in transformers (GPT-2's last matrices of a layer begin smaller there): matrices
// normal with the deviation `range` (initializer_range), norms 1 (0 where Gemma adds 1), biases 0; adapters as PEFT: A
// uniform in +-1/sqrt(in), B 0 (magnitudes of DoRA follow from the weights: Decoder::start_magnitudes). Not those
// that are `loaded`, by name.
void initialise(const Parameters& parameters, double range, double norm_offset, std::uint64_t seed,
                const std::set<std::string>& loaded);

}  // namespace ktrain::trainer
