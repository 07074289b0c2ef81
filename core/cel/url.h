// URLs, as Go's net/url reads them for a request: absolute, or a path from the root.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/cel/value.h"

namespace ktrain::cel {

std::optional<Url> parse_url(std::string_view text);

// "a%20b" -> "a b"; nullopt for a wrong escape. `query` reads "+" as a space.
std::optional<std::string> unescape_percent(std::string_view text, bool query);

}  // namespace ktrain::cel
