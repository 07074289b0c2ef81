// The built-in catalog of models (templates/models.csv).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/shape.h"

namespace ktrain {

// By id, alias or Hugging Face name, whole or behind its "/", without regard to case.
std::optional<ModelShape> find_in_catalog(std::string_view name);

}  // namespace ktrain
