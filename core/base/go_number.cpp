// Takes numbers apart as strconv of Go does.
#include "core/base/go_number.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/ascii.h"

namespace ktrain {
namespace {

// The sign is taken; whether it was a minus.
bool take_sign(std::string_view& text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    return negative;
}

bool is_prefix(std::string_view text, char letter) {
    return text.size() > 1 && text[0] == '0' && ascii::to_lower(text[1]) == letter;
}

// Underscores stand between digits, or behind a prefix. `text` has no sign.
bool has_good_underscores(std::string_view text) {
    const bool hex = is_prefix(text, 'x');
    bool digit = hex || is_prefix(text, 'b') || is_prefix(text, 'o');
    if (digit) text.remove_prefix(2);
    bool underscore = false;
    for (const char c : text) {
        const bool here =
            ascii::is_digit(c) || (hex && std::string_view("abcdef").find(ascii::to_lower(c)) != text.npos);
        if (c == '_' && !digit) return false;
        if (c != '_' && !here && underscore) return false;
        underscore = c == '_';
        digit = here;
    }
    return !underscore;
}

std::string without_underscores(std::string_view text) {
    std::string clean(text);
    std::erase(clean, '_');
    return clean;
}

// Digits at the front, which are taken; whether there are any.
bool take_digits(std::string_view& text, bool hex) {
    const std::size_t size =
        std::min(text.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "0123456789"), text.size());
    text.remove_prefix(size);
    return size > 0;
}

// The power of 10, or of 2 where it is hex, of the first digit that counts, of a number that a double cannot hold.
std::int64_t order_of(std::string_view text, bool hex) {
    const std::size_t end = std::min(text.find_first_of(hex ? "pP" : "eE"), text.size());
    const std::string_view digits = text.substr(0, end);
    const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
    const auto first = static_cast<std::int64_t>(digits.find_first_not_of("0."));
    const std::int64_t order = (point - first) * (hex ? 4 : 1);
    if (end == text.size()) return order;
    std::string_view power = text.substr(end + 1);
    const bool negative = take_sign(power);
    std::int64_t value = 0;
    constexpr std::int64_t endless = std::int64_t{1} << 62;  // more than there are digits
    if (std::from_chars(power.data(), power.data() + power.size(), value).ec != std::errc()) value = endless;
    return order + std::min(value, endless) * (negative ? -1 : 1);
}

// Of what is written well: too small is 0.
bool fits(std::string_view text, bool hex) {
    if (hex) text.remove_prefix(2);
    double value = 0;
    const auto format = hex ? std::chars_format::hex : std::chars_format::general;
    const auto problem = std::from_chars(text.data(), text.data() + text.size(), value, format).ec;
    return problem == std::errc() || order_of(text, hex) < 0;
}

// Without a sign.
std::optional<std::uint64_t> whole_number(std::string_view text) {
    if (!has_good_underscores(text)) return std::nullopt;
    const int prefixed = is_prefix(text, 'x') ? 16 : is_prefix(text, 'b') ? 2 : is_prefix(text, 'o') ? 8 : 0;
    const int base = prefixed != 0 ? prefixed : text.starts_with('0') ? 8 : 10;
    const std::string digits = without_underscores(text.substr(prefixed != 0 ? 2 : 0));
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    return problem == std::errc() && end == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

bool is_go_integer(std::string_view text) {
    const bool negative = take_sign(text);
    const std::optional<std::uint64_t> value = whole_number(text);
    constexpr std::uint64_t least = std::uint64_t{1} << 63;
    return value && *value <= least - (negative ? 0 : 1);
}

bool is_go_natural(std::string_view text) {
    return whole_number(text).has_value();
}

bool is_go_float(std::string_view text) {
    take_sign(text);
    if (!has_good_underscores(text)) return false;
    const std::string clean = without_underscores(text);
    const bool hex = is_prefix(clean, 'x');
    std::string_view rest = std::string_view(clean).substr(hex ? 2 : 0);
    bool digits = take_digits(rest, hex);
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        digits = take_digits(rest, hex) || digits;
    }
    if (!digits) return false;
    const bool exponent = rest.find_first_of(hex ? "pP" : "eE") == 0;
    if (exponent) {
        rest.remove_prefix(1);
        take_sign(rest);
        if (!take_digits(rest, false)) return false;
    }
    return rest.empty() && (exponent || !hex) && fits(clean, hex);
}

}  // namespace ktrain
