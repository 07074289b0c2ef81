// Text as code points: what size(), substring() and escapes count in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ktrain::cel {

// The number of code points of UTF-8 text.
std::size_t code_points(std::string_view text);

// Where each code point begins, and the end of the text: one more than there are code points.
std::vector<std::size_t> boundaries(std::string_view text);

void append_utf8(std::string& text, char32_t code_point);

// Where a text is found in another from an offset on, or npos; as long as both are, where find() takes their product.
std::size_t find_text(std::string_view text, std::string_view sought, std::size_t from = 0);

}  // namespace ktrain::cel
