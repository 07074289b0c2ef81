// The language of Prometheus: whether an expression can be read, and its functions get what they work on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ktrain::lint {

struct PromProblem {
    std::size_t at = 0;  // in the text
    std::string message;
    std::string fix;
    bool sure = true;  // or one that has a feature on that is off by default reads it
};

PromProblem needs_feature(std::size_t at, const std::string& what, std::string_view feature);

// The first problem, of which sure ones come before others. Brackets, texts, matchers and ranges of time must have been
// looked at: they are passed over here. Source: Prometheus documentation, Querying, Basics, Operators and Functions
// (3.x, with experimental functions).
std::optional<PromProblem> read_promql(std::string_view text);

// The first problem of a list of matchers in braces, which begins at `at`, behind the name of a metric or "".
std::optional<PromProblem> read_matchers(std::string_view braces, std::size_t at, std::string_view metric);

}  // namespace ktrain::lint
