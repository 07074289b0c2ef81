// Parses the text of a rule into a program.
#pragma once

#include <string_view>
#include <variant>

#include "core/cel/environment.h"
#include "core/cel/program.h"

namespace ktrain::cel {

// Far above any real rule: the longest in the wild has some 2,000 bytes, the deepest some 20 levels.
inline constexpr std::size_t max_rule_bytes = 100'000;  // of cel-go, too
inline constexpr int max_rule_depth = 200;
inline constexpr std::size_t max_rule_patterns = 64;

// The first problem of a text that is no rule, with its column.
std::variant<Program, Problem> parse_rule(std::string_view text, const Environment& environment);

}  // namespace ktrain::cel
