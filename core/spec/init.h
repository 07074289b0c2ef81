// The specs that `ktrain init` starts from, printed with every field explained.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/load.h"

namespace ktrain::spec {

struct Template {
    std::string_view name;     // templates/init/NAME.yaml holds its values
    std::string_view summary;  // upper-case start, no full stop
};

std::span<const Template> templates();  // sorted by name

struct Started {
    std::string text;  // YAML that loads without problems; empty when there are errors
    Diagnostics problems;
};

// The template with the overrides in it, each line explained by the help of its field.
// Errors: Error{usage} for an unknown template.
Started start_from(std::string_view name, const std::vector<Override>& overrides);

}  // namespace ktrain::spec
