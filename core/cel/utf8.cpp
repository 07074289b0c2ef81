// Text as code points.
#include "core/cel/utf8.h"

#include <cstring>

namespace ktrain::cel {

// Every text here was checked to be UTF-8 where it came in: a code point is a byte that continues none.
static bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::size_t code_points(std::string_view text) {
    std::size_t count = 0;
    for (char c : text) count += continues(c) ? 0 : 1;
    return count;
}

std::vector<std::size_t> boundaries(std::string_view text) {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!continues(text[i])) starts.push_back(i);
    }
    starts.push_back(text.size());
    return starts;
}

void append_utf8(std::string& text, char32_t code_point) {
    const auto byte = [&](char32_t value) { text += static_cast<char>(value); };
    if (code_point < 0x80) {
        byte(code_point);
    } else if (code_point < 0x800) {
        byte(0xc0 | code_point >> 6);
        byte(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        byte(0xe0 | code_point >> 12);
        byte(0x80 | (code_point >> 6 & 0x3f));
        byte(0x80 | (code_point & 0x3f));
    } else {
        byte(0xf0 | code_point >> 18);
        byte(0x80 | (code_point >> 12 & 0x3f));
        byte(0x80 | (code_point >> 6 & 0x3f));
        byte(0x80 | (code_point & 0x3f));
    }
}

std::size_t find_text(std::string_view text, std::string_view sought, std::size_t from) {
    if (from > text.size()) return std::string_view::npos;
    const void* found = ::memmem(text.data() + from, text.size() - from, sought.data(), sought.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace ktrain::cel
