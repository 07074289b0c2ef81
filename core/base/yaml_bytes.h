// Checks the bytes of a text before YAML is read from it: encoding, control characters, size, line ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/diagnostic.h"

namespace ktrain::yaml {

// Moves `text` behind a byte order mark and, where it has CR or CRLF line ends, is UTF-16 or has comments right behind
// "---", to a copy in `storage` with LF alone, as UTF-8 and without those.
// Returns the KT001 problem when it cannot be YAML: too big, bad UTF-8 or UTF-16, NUL or another control character.
std::optional<Diagnostic> prepare(std::string_view& text, std::string& storage, const std::string& file,
                                  std::size_t max_bytes);

}  // namespace ktrain::yaml
