// The values of string and bytes literals: prefixes, quotes and escapes.
#include <charconv>

#include "core/cel/lexer.h"
#include "core/cel/utf8.h"

namespace ktrain::cel {
namespace {

// Escapes of one letter and what they mean, in the same order.
constexpr std::string_view letters = "abfnrtv\\?\"'`";
constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\?\"'`";
static_assert(letters.size() == meanings.size());

struct Numeric {
    std::size_t skip;    // characters after the backslash that are not digits
    std::size_t digits;  // exactly
    int base;
};

// The form of an escape by number; no digits when it is none.
Numeric numeric_of(char c, bool bytes) {
    if (c == 'x' || c == 'X') return {1, 2, 16};
    if (c == 'u' && !bytes) return {1, 4, 16};
    if (c == 'U' && !bytes) return {1, 8, 16};
    if (c >= '0' && c <= '3') return {0, 3, 8};
    return {0, 0, 0};
}

// One escape after a backslash; the number of characters it took, or 0 when it is wrong.
std::size_t take_escape(std::string_view rest, bool bytes, std::string& text) {
    if (rest.empty()) return 0;
    if (const std::size_t known = letters.find(rest[0]); known != letters.npos) {
        text += meanings[known];
        return 1;
    }
    const Numeric form = numeric_of(rest[0], bytes);
    if (form.digits == 0 || rest.size() < form.skip + form.digits) return 0;
    const char* first = rest.data() + form.skip;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(first, first + form.digits, number, form.base);
    if (error != std::errc() || end != first + form.digits) return 0;
    if (bytes) {
        text += static_cast<char>(number);
    } else {
        if (number > 0x10ffff || (number >= 0xd800 && number < 0xe000)) return 0;
        append_utf8(text, number);
    }
    return form.skip + form.digits;
}

}  // namespace

std::variant<Value, Problem> literal_of(std::string_view written, int column) {
    const std::size_t quote = written.find_first_of("\"'");
    const std::string_view prefix = written.substr(0, quote);
    const bool raw = prefix.find_first_of("rR") != prefix.npos, bytes = prefix.find_first_of("bB") != prefix.npos;
    const std::string_view rest = written.substr(quote);
    const bool triple = rest.size() >= 6 && (rest.starts_with("\"\"\"") || rest.starts_with("'''"));
    const std::size_t width = triple ? 3 : 1;
    const std::string_view inner = rest.substr(width, rest.size() - 2 * width);
    std::string text;
    for (std::size_t at = 0; at < inner.size();) {
        if (raw || inner[at] != '\\') {
            text += inner[at++];
            continue;
        }
        const std::size_t taken = take_escape(inner.substr(at + 1), bytes, text);
        if (taken == 0) {
            return Problem{"an escape that does not exist", column + static_cast<int>(quote + width + at)};
        }
        at += 1 + taken;
    }
    return bytes ? bytes_value(std::move(text)) : string_value(std::move(text));
}

}  // namespace ktrain::cel
