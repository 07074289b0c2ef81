// JSON texts as kubectl reads them, made into what a reader of YAML takes for the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ktrain::yaml {

// The objects of a text that is nothing but objects of JSON, one behind the other, where a reader of YAML would take it
// for something else: where there are several, or escapes of halves of characters. Empty for any other text.
std::vector<std::string_view> json_objects(std::string_view text);
// The object with escapes of YAML for those, everything at its column.
std::string with_whole_characters(std::string_view object);

// How much of the front of a text kubectl reads as objects of JSON; the rest is YAML.
std::size_t json_head(std::string_view text);
// Where numbers stand in a text of JSON that are too large for a double: Go refuses them, where they are a text in
// YAML.
std::vector<std::size_t> too_large_numbers(std::string_view json);

}  // namespace ktrain::yaml
