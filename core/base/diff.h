// The difference of two texts as people read it.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

// A unified diff with three lines of context, as `patch -p1` takes it; "" when the texts are equal.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view file);

}  // namespace ktrain
