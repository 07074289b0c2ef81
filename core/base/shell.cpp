// Words of a command line for somebody to paste into a shell.
#include "core/base/shell.h"

#include <algorithm>
#include <cctype>

namespace ktrain {

std::string shell_word(std::string_view text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c >= 0x80 || std::isalnum(c) != 0 ||
               std::string_view("%+,-./:=@_").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (plain) return std::string(text);
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace ktrain
