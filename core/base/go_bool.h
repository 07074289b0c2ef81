// Words that Go's strconv.ParseBool takes for true or false; Kubernetes and its operators read annotations with it.
#pragma once

#include <optional>
#include <string_view>

namespace ktrain {

// Nothing for any other word.
std::optional<bool> parse_go_bool(std::string_view text);

}  // namespace ktrain
