// Doubles and signed integers as text, as Go's strconv writes and reads them.
#include "core/cel/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/base/names.h"

namespace ktrain::cel {
namespace {

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// Without the sign in front, when there is one.
std::string_view unsigned_part(std::string_view text) {
    return text.substr(text.starts_with('+') || text.starts_with('-') ? 1 : 0);
}

}  // namespace

std::string to_text(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
    std::array<char, 400> buffer;
    char *first = buffer.data(), *last = first + buffer.size();
    const double size = std::abs(number);
    // The exponent of the shortest decimal decides, which for these bounds is the number's own.
    const bool plain = number == 0 || (size >= 1e-4 && size < 1e6);
    const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
    return std::string(first, std::to_chars(first, last, number, form).ptr);
}

std::optional<double> parse_double(std::string_view text) {
    const std::string word = lower(unsigned_part(text));
    const double sign = text.starts_with('-') ? -1 : 1;
    if (word == "inf" || word == "infinity") return sign * std::numeric_limits<double>::infinity();
    if (word == "nan" && word.size() == text.size()) return std::numeric_limits<double>::quiet_NaN();
    // from_chars knows the words, too, and a sign of its own.
    if (word.empty() || ((word[0] < '0' || word[0] > '9') && word[0] != '.')) return std::nullopt;
    const auto number = parse_whole<double>(word);
    return number ? std::optional(sign * *number) : std::nullopt;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
    const std::string_view digits = unsigned_part(text);
    if (digits.starts_with('-')) return std::nullopt;
    return parse_whole<std::int64_t>(text.starts_with('+') ? digits : text);
}

std::optional<std::uint64_t> parse_uint(std::string_view text) {
    return parse_whole<std::uint64_t>(text);
}

}  // namespace ktrain::cel
