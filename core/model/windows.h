// Which layers of a model look only at the last tokens, as its config.json says or its family has it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/model/config_reader.h"

namespace ktrain {

// By layer: the keys that a query sees, itself included; 0: all before it. Source: configuration_<family>.py of
// transformers 5. Errors: Error{input} with the key for layer_types of another length, and as ConfigReader.
std::vector<std::int64_t> read_windows(const ConfigReader& config, std::string_view family, std::int64_t layers);

// How many layers of a family have the window where one is named and nothing is said of layers; all, of a family that
// is not known.
std::int64_t usual_sliding_layers(std::string_view family, std::int64_t layers);

}  // namespace ktrain
