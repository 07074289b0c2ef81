// Semantic versions (semver.org 2.0.0), as the Go module blang/semver reads and orders them.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

#include "core/cel/value.h"

namespace ktrain::cel {

// `normalize` lets pass a leading "v", leading zeros, and fewer than three numbers.
std::optional<Semver> parse_semver(std::string_view text, bool normalize);
std::strong_ordering order(const Semver& left, const Semver& right);  // build data does not count

}  // namespace ktrain::cel
