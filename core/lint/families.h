// Names of rules: ids, words, and families by their letters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ktrain::lint {

// The ids that a name stands for: of "KT014" or "job-restart-policy" one, of "KT" all that begin so; none if unknown.
std::vector<std::string_view> rules_named(std::string_view name);
// What was probably meant by an unknown name, or "".
std::string nearest_rule(std::string_view name);
// The same as rules_named(). Errors: Error{usage} for an unknown name, with the nearest.
std::vector<std::string_view> wanted_rules(std::string_view name);

}  // namespace ktrain::lint
