// Spec values and rules in words, shared by problems, --explain and docs/spec.md.
#pragma once

#include <string>
#include <string_view>

#include "core/base/yaml.h"
#include "core/spec/bound.h"

namespace ktrain::spec {

// Shortest text that reads back as the same number: "10", "0.001", "5e-05".
std::string number_text(double value);

// The value as one YAML word or flow list. Groups and empty values give "".
std::string value_text(const Bound& bound);

// "more than 0 and at most 100", "from 0 to 1"; empty when every number is allowed.
std::string range_text(const Field& field);

// "one of adam, adamw_torch", "a quantity such as 500m or 16Gi"; empty when every text is allowed.
std::string wanted_text(const Field& field);

// The first part of the help, without a full stop: what fits behind a value.
std::string short_help(const Field& field);

// "integer", "quantity", "list of text", ...
std::string type_text(const Bound& bound);

// What somebody wrote, for a problem: `"fast"`, "a list", "nothing".
std::string describe(const yaml::Node& node);
std::string in_quotes(std::string_view text);  // cut to a readable length, without control characters

}  // namespace ktrain::spec
