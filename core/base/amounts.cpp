// Reading of times and counts as people write them on a command line.
#include "core/base/amounts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>

namespace ktrain {
namespace {

constexpr std::array<std::string_view, 3> days{"d", "day", "days"};
constexpr std::array<std::string_view, 5> hours{"h", "hour", "hours", "hr", "hrs"};
constexpr std::array<std::string_view, 5> minutes{"m", "min", "mins", "minute", "minutes"};
constexpr std::array<std::string_view, 5> seconds{"s", "sec", "second", "seconds", "secs"};

struct TimeUnit {
    std::span<const std::string_view> words;
    double seconds;
};
// From the longest: "1h30m" is read in this order.
constexpr std::array<TimeUnit, 4> time_units{{{days, 86400}, {hours, 3600}, {minutes, 60}, {seconds, 1}}};

struct CountSuffix {
    char letter;
    double scale;
};
constexpr std::array<CountSuffix, 4> count_suffixes{{{'b', 1e9}, {'k', 1e3}, {'m', 1e6}, {'t', 1e12}}};

// All of the text as a number that is not below 0: digits, a point, an exponent.
std::optional<double> number_in(std::string_view text) {
    double value = 0;
    if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;  // "nan", "inf"
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

}  // namespace

std::optional<double> parse_span(std::string_view text) {
    constexpr double limit = 1e9;  // about 30 years
    double total = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        const std::string_view number = text.substr(0, text.find_first_not_of("0123456789."));
        text.remove_prefix(number.size());
        std::string word(text.substr(0, text.find_first_of("0123456789.")));
        text.remove_prefix(word.size());
        for (char& c : word)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const auto unit = std::find_if(
            time_units.begin() + static_cast<std::ptrdiff_t>(next_unit), time_units.end(), [&](const TimeUnit& row) {
                return std::find(row.words.begin(), row.words.end(), word) != row.words.end();
            });
        const auto value = number_in(number);
        if (!value || word.empty() || unit == time_units.end()) return std::nullopt;
        total += *value * unit->seconds;
        next_unit = static_cast<std::size_t>(unit - time_units.begin()) + 1;
    }
    return total > 0 && total <= limit ? std::optional(total) : std::nullopt;
}

std::optional<double> parse_count(std::string_view text) {
    constexpr double limit = 1e15;
    if (text.empty()) return std::nullopt;
    const auto suffix = std::find_if(count_suffixes.begin(), count_suffixes.end(), [&](const CountSuffix& row) {
        return text.back() == row.letter || text.back() == row.letter - 'a' + 'A';
    });
    if (suffix != count_suffixes.end()) text.remove_suffix(1);
    auto value = number_in(text);
    if (!value) return std::nullopt;
    if (suffix != count_suffixes.end()) *value *= suffix->scale;
    return *value > 0 && *value <= limit ? value : std::nullopt;
}

}  // namespace ktrain
