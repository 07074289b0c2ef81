// Well-known keys of labels and annotations.
#pragma once

#include <string_view>

namespace ktrain::lint {

// The well-known key that a misspelt one was meant for; "" for one that is known, or that nobody knows.
std::string_view meant_key(std::string_view key);

}  // namespace ktrain::lint
