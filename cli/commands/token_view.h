// Tokens on a terminal: pieces of text, ids, and which of them are learned.
#pragma once

#include <string>

#include "core/base/json.h"

namespace ktrain {

// Blocks of lines: the pieces of a line, their ids below, and below those + for what is learned. `sample` has
// "ids", "pieces" and, where tokens are learned, "learned" of one length. Blanks and control characters are made
// visible. Lines fit into `width` columns where a single piece does. The tail of long texts is only counted.
std::string token_blocks(const Json& sample, std::size_t width);

// "a b\n" -> "a␣b\n" with the line end as two characters; other control characters as \x1b.
std::string visible(std::string_view piece);

}  // namespace ktrain
