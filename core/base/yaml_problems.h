// What is wrong with a text that is no YAML, in words for people who write manifests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/diagnostic.h"
#include "core/base/yaml_places.h"

namespace ktrain::yaml {

// What libyaml says of the error that it has stopped with.
struct ParserError {
    std::string_view problem;
    std::string_view context;       // what it was doing; may be empty
    std::size_t problem_index = 0;  // in characters, or in bytes when `of_bytes`
    std::size_t context_index = 0;  // in characters
    bool of_bytes = false;
};

// The KT001 finding for it.
Diagnostic problem_of(const ParserError& error, std::string_view text, const std::string& file, Places& places);

}  // namespace ktrain::yaml
