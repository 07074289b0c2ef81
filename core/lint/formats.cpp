// The formats of texts that schemas name: times, addresses, identifiers.
#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/base64.h"
#include "core/lint/facts.h"

namespace ktrain::lint {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Reads `count` digits off the front; -1 where there are none.
int take_number(std::string_view& text, std::size_t count) {
    if (text.size() < count || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_digit))
        return -1;
    int value = 0;
    for (char c : text.substr(0, count)) value = 10 * value + (c - '0');
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

bool is_date(std::string_view& text) {
    const int year = take_number(text, 4);
    const int month = take(text, '-') ? take_number(text, 2) : -1;
    const int day = take(text, '-') ? take_number(text, 2) : -1;
    if (year < 0 || month < 1 || month > 12 || day < 1) return false;
    constexpr std::array<int, 12> days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[static_cast<std::size_t>(month - 1)] && (month != 2 || leap || day <= 28);
}

// RFC 3339 as Go reads it: a fraction of any length, "Z" or an offset.
bool is_time(std::string_view text) {
    if (!is_date(text) || !take(text, 'T')) return false;
    const int hour = take_number(text, 2);
    const int minute = take(text, ':') ? take_number(text, 2) : -1;
    const int second = take(text, ':') ? take_number(text, 2) : -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
    if (take(text, '.')) {
        const std::size_t end = text.find_first_not_of("0123456789");
        if (end == 0 || end == std::string_view::npos) return false;
        text.remove_prefix(end);
    }
    if (text == "Z") return true;
    if (!take(text, '+') && !take(text, '-')) return false;
    const int hours = take_number(text, 2);
    const int minutes = take(text, ':') ? take_number(text, 2) : -1;
    return hours >= 0 && hours <= 24 && minutes >= 0 && minutes <= 60 && text.empty();
}

bool is_ipv4(std::string_view text) {
    for (int part = 0; part < 4; ++part) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits == 0 || digits > 3 || (digits > 1 && text[0] == '0') || take_number(text, digits) > 255)
            return false;
        if (part < 3 && !take(text, '.')) return false;
    }
    return text.empty();
}

bool is_percent(std::string_view text) {
    return text.size() > 1 && text.ends_with('%') && std::all_of(text.begin(), text.end() - 1, is_digit);
}

}  // namespace

std::string format_problem(std::string_view format, std::string_view text) {
    std::string_view rest = text;
    if (format == "date-time") return is_time(text) ? "" : "is no time of RFC 3339";
    if (format == "date") return is_date(rest) && rest.empty() ? "" : "is no date";
    if (format == "ipv4") return is_ipv4(text) ? "" : "is no IPv4 address";
    if (format == "byte") return base64_decode(text) ? "" : "is not base64";
    if (format == "percent") return is_percent(text) ? "" : "is neither a number nor a percentage";
    return "";
}

}  // namespace ktrain::lint
