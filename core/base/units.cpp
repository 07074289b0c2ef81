// Printing of bytes, counts and durations, and reading of durations.
#include <fmt/format.h>

#include <array>

#include "core/base/text.h"

namespace ktrain {
namespace {

using Steps = std::array<std::string_view, 5>;

// Three significant digits with the first unit that keeps the number below its step: 999.6 kB is 1 MB.
std::string scaled(double value, double step, const Steps& units, std::string_view gap) {
    std::size_t unit = 0;
    while (unit + 1 < units.size() && value >= step * 0.9995) {
        value /= step;
        ++unit;
    }
    if (unit == 0) return fmt::format("{:.0f}{}{}", value, gap, units[0]);
    const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f}{}{}", value, digits, gap, units[unit]);
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
    return scaled(static_cast<double>(bytes), 1000, {"B", "kB", "MB", "GB", "TB"}, " ");
}

std::string human_gib(std::uint64_t bytes) {
    return scaled(static_cast<double>(bytes), 1024, {"B", "KiB", "MiB", "GiB", "TiB"}, " ");
}

std::string grouped(std::int64_t number) {
    std::string text = fmt::format("{}", number);
    for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::string human_count(std::uint64_t count) {
    return scaled(static_cast<double>(count), 1000, {"", "K", "M", "B", "T"}, "");
}

std::string human_duration(std::chrono::seconds duration) {
    const long long s = duration.count();
    if (s < 0) return "-" + human_duration(-duration);
    if (s < 60) return fmt::format("{}s", s);
    if (s < 3600) return fmt::format("{}m{:02}s", s / 60, s % 60);
    if (s < 86400) return fmt::format("{}h{:02}m", s / 3600, s / 60 % 60);
    return fmt::format("{}d{:02}h", s / 86400, s / 3600 % 24);
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    constexpr long long limit = 1'000'000'000;  // about 30 years
    constexpr std::string_view letters = "dhms";
    constexpr std::array<long long, 4> seconds{86400, 3600, 60, 1};
    long long total = 0;
    std::size_t next_unit = 0;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        long long number = 0;
        std::size_t digits = 0;
        for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
            number = number * 10 + (text[digits] - '0');
            if (number > limit) return std::nullopt;
        }
        if (digits == 0) return std::nullopt;
        // Units fall from days to seconds; a bare number means seconds and stands alone.
        const bool bare = digits == text.size();
        if (bare && next_unit > 0) return std::nullopt;
        const std::size_t unit = bare ? 3 : letters.find(text[digits], next_unit);
        if (unit == std::string_view::npos) return std::nullopt;
        total += number * seconds[unit];
        if (total > limit) return std::nullopt;
        next_unit = unit + 1;
        text.remove_prefix(bare ? digits : digits + 1);
    }
    return std::chrono::seconds(total);
}

}  // namespace ktrain
