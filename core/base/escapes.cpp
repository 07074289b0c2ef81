// Text of others that goes to a terminal line by line, such as logs: without what would command the terminal.
#include "core/base/escapes.h"

#include <algorithm>
#include <utility>

namespace ktrain {
namespace {

constexpr unsigned char escape = 0x1b, bell = 0x07, first_c1 = 0x80, last_c1 = 0x9f;

bool is_control(unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\r') || c == 0x7f;
}

// A control character of two bytes in UTF-8 at `at`: what ESC and a letter are short for.
bool is_c1(std::string_view line, std::size_t at) {
    if (static_cast<unsigned char>(line[at]) != 0xc2 || at + 1 >= line.size()) return false;
    const auto next = static_cast<unsigned char>(line[at + 1]);
    return next >= first_c1 && next <= last_c1;
}

// Behind a sequence that begins at `at` with this letter, whose introducer ends at `body`.
std::size_t end_of(std::string_view line, char letter, std::size_t body) {
    if (letter == '[') {  // parameters and intermediates, then a final byte
        while (body < line.size() && line[body] >= 0x20 && line[body] < 0x40) ++body;
        return std::min(body + 1, line.size());
    }
    if (letter != ']' && letter != 'P' && letter != '_' && letter != '^' && letter != 'X') {
        while (letter >= 0x20 && letter < 0x30 && body < line.size()) letter = line[body++];  // ESC ( B
        return body;
    }
    for (; body < line.size(); ++body) {  // a string, until it is closed
        if (static_cast<unsigned char>(line[body]) == bell) return body + 1;
        if (static_cast<unsigned char>(line[body]) == escape) return std::min(body + 2, line.size());
        if (is_c1(line, body)) return body + 2;
    }
    return body;
}

// "ESC [ 1 ; 31 m".
bool is_color(std::string_view sequence) {
    return sequence.size() > 2 && sequence.starts_with("\x1b[") && sequence.ends_with('m') &&
           sequence.find_first_not_of("0123456789;:", 2) == sequence.size() - 1;
}

// Goes through the line once: what stood on both sides of something that is gone may be a sequence now.
std::string stripped(std::string_view line, bool colors) {
    std::string out;
    out.reserve(line.size());
    for (std::size_t i = 0; i < line.size();) {
        const bool c1 = is_c1(line, i), esc = static_cast<unsigned char>(line[i]) == escape;
        if ((esc && i + 1 < line.size()) || c1) {
            const char letter = c1 ? static_cast<char>(line[i + 1] - 0x40) : line[i + 1];  // 0x9b is ESC [
            const std::size_t end = end_of(line, letter, i + 2);
            if (colors && is_color(line.substr(i, end - i))) out.append(line.substr(i, end - i));
            i = end;
        } else {
            if (!is_control(static_cast<unsigned char>(line[i]))) out += line[i];
            ++i;
        }
    }
    return out;
}

}  // namespace

bool has_escapes(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i)
        if (is_control(static_cast<unsigned char>(line[i])) || is_c1(line, i)) return true;
    return false;
}

std::string without_escapes(std::string_view line, bool colors) {
    std::string text(line);
    for (std::string next = stripped(text, colors); next != text; next = stripped(text, colors)) text = std::move(next);
    return text;
}

}  // namespace ktrain
