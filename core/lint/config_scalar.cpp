// Tells scalars that depend on the reader.
#include "core/lint/config_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/names.h"

namespace ktrain::lint {
namespace {

bool all_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

constexpr std::string_view digits = "0123456789";

std::string_view without_sign(std::string_view text) {
    return text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
}

// "2e-4" as "0.0002", "1e9" as "1.0e+9": readers of YAML 1.1 want a dot and a sign.
std::string with_dot(std::string_view mantissa, std::string_view power) {
    constexpr std::size_t most = 6;  // digits behind the dot that people still count
    const std::string_view number = without_sign(power);
    const std::string_view front = without_sign(mantissa);
    std::size_t places = 0;
    std::from_chars(number.data(), number.data() + number.size(), places);
    if (power.starts_with('-') && places <= most && front.size() <= places && all_of(front, digits))
        return std::string(mantissa.substr(0, mantissa.size() - front.size())) + "0." +
               std::string(places - front.size(), '0') + std::string(front);
    const std::string dotted = std::string(mantissa) + (mantissa.find('.') == std::string_view::npos ? ".0" : "");
    return dotted + "e" + (power.starts_with('-') ? "-" : "+") + std::string(number);
}

// A number with an exponent, without a dot or without a sign.
std::optional<TwoReadings> exponent(std::string_view text) {
    const std::size_t e = text.find_first_of("eE");
    if (e == std::string_view::npos) return std::nullopt;
    const std::string_view mantissa = text.substr(0, e);
    const std::string_view power = text.substr(e + 1);
    std::string front(without_sign(mantissa));
    const std::size_t dot = front.find('.');
    if (dot != std::string::npos) front.erase(dot, 1);
    if (!all_of(front, digits) || !all_of(without_sign(power), digits)) return std::nullopt;
    if (dot != std::string::npos && without_sign(power) != power) return std::nullopt;  // 1.0e+9
    return TwoReadings{"a text", "a number", with_dot(mantissa, power), true};
}

std::optional<TwoReadings> whole_number(std::string_view text) {
    const std::string_view number = without_sign(text);
    const std::string sign(text.starts_with('-') ? "-" : "");
    if (number.size() > 1 && number.front() == '0' && all_of(number, "01234567") && !all_of(number, "0"))
        return TwoReadings{"an octal number", "a decimal one", ""};
    if (number.starts_with("0o") && all_of(number.substr(2), "01234567"))
        return TwoReadings{"a text", "an octal number", ""};
    if (number.starts_with("0b") && all_of(number.substr(2), "01")) return TwoReadings{"a binary number", "a text", ""};
    if (!number.empty() && number.front() >= '1' && number.front() <= '9' && all_of(number, "0123456789_") &&
        number.find('_') != std::string_view::npos) {
        std::string plain(number);
        std::erase(plain, '_');
        return TwoReadings{"a number", "a text", sign + plain};
    }
    return std::nullopt;
}

// "12:30:45" is 45045 to PyYAML.
bool is_to_base_60(std::string_view text) {
    const std::string_view number = without_sign(text);
    std::size_t colon = number.find(':');
    if (colon == std::string_view::npos || number.front() == '0' || !all_of(number.substr(0, colon), digits))
        return false;
    while (colon != std::string_view::npos) {
        const std::size_t next = number.find(':', colon + 1);
        const std::string_view part =
            number.substr(colon + 1, next == std::string_view::npos ? next : next - colon - 1);
        if (!all_of(part, digits) || part.size() > 2 || (part.size() == 2 && part.front() > '5')) return false;
        colon = next;
    }
    return true;
}

}  // namespace

std::optional<TwoReadings> two_readings(std::string_view plain) {
    if (auto found = exponent(plain)) return found;
    if (auto found = whole_number(plain)) return found;
    if (is_to_base_60(plain))
        return TwoReadings{"a number to the base of 60", "a text", "\"" + std::string(plain) + "\""};
    constexpr std::array<std::string_view, 4> words{"yes", "no", "on", "off"};
    const std::string word = lower(plain);
    if (std::ranges::find(words, std::string_view(word)) == words.end()) return std::nullopt;
    const std::string_view rest = plain.substr(1);
    const bool one_case = rest == std::string_view(word).substr(1) ||  // yes, Yes, YES; not yEs
                          std::ranges::none_of(plain, [](char c) { return c >= 'a' && c <= 'z'; });
    if (!one_case) return std::nullopt;
    return TwoReadings{"a boolean", "a text", word == "yes" || word == "on" ? "true" : "false"};
}

}  // namespace ktrain::lint
