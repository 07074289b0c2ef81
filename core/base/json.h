// The JSON type of the project (keys keep their order) and strict, located parsing of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ktrain {

using Json = nlohmann::ordered_json;

// Parses one JSON text. Errors: Error{input} with `file`, line and column; refuses NUL, bad UTF-8, duplicate keys and
// nesting deeper than 256.
Json parse_json(std::string_view text, const std::string& file);

// Stable two-space rendering with a final newline.
std::string to_pretty(const Json& value);

// The member `key` as a string, or `fallback` when it is absent or no string.
std::string string_or(const Json& object, std::string_view key, std::string_view fallback = "");

// The value at a path of member names, or a null value when any step is missing.
const Json& at_path(const Json& object, std::initializer_list<std::string_view> keys);

}  // namespace ktrain
