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

}  // namespace ktrain::yaml
