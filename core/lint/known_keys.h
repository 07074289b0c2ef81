// Well-known keys of labels and annotations.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ktrain::lint {

struct NearKey {
    std::string message;
    std::string fix;
};

// What KT007 says of a key that was meant for a well-known one; nothing for one that is known, or that nobody knows.
// `what` it is of: "label".
std::optional<NearKey> nearly_known(std::string_view what, std::string_view key);

}  // namespace ktrain::lint
