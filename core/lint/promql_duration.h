// What stands in the brackets of a range of time and behind offset: durations, and what newer versions compute of them.
#pragma once

#include <string_view>

namespace ktrain::lint {

// `computed`: with operators, brackets or functions, for which Prometheus must have the feature promql-duration-expr.
enum class DurationText { bad, plain, computed };

// Source: Prometheus documentation, Feature flags, promql-duration-expr.
DurationText read_promql_duration(std::string_view text);

}  // namespace ktrain::lint
