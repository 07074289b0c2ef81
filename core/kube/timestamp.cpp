// The API's points in time: RFC 3339 with any fraction of a second.
#include "core/kube/timestamp.h"

#include <fmt/format.h>

namespace ktrain::kube {
namespace {

// Takes `count` digits off the front; nullopt when there are fewer.
std::optional<int> digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool skip(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

// Years that a Time can hold and still be subtracted from another; Go's zero time and "never" lie outside.
constexpr std::chrono::sys_days earliest = std::chrono::year{1970} / 1 / 1;
constexpr std::chrono::sys_days latest = std::chrono::year{2260} / 1 / 1;

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
    using namespace std::chrono;
    int parts[6] = {};
    constexpr char separators[6] = {'-', '-', 'T', ':', ':', '\0'};
    for (int i = 0; i < 6; ++i) {
        const auto value = digits(text, i == 0 ? 4 : 2);
        if (!value || (separators[i] != '\0' && !skip(text, separators[i]))) return std::nullopt;
        parts[i] = *value;
    }
    nanoseconds fraction{0};
    if (skip(text, '.')) {
        std::int64_t scale = 100'000'000;
        if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), scale /= 10)
            fraction += nanoseconds((text.front() - '0') * scale);
    }
    minutes offset{0};
    if (!skip(text, 'Z')) {
        const int sign = skip(text, '+') ? 1 : skip(text, '-') ? -1 : 0;
        const auto h = digits(text, 2);
        if (sign == 0 || !h || !skip(text, ':')) return std::nullopt;
        const auto m = digits(text, 2);
        if (!m) return std::nullopt;
        offset = minutes(sign * (*h * 60 + *m));
    }
    const year_month_day date{year(parts[0]), month(static_cast<unsigned>(parts[1])),
                              day(static_cast<unsigned>(parts[2]))};
    if (!text.empty() || !date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) return std::nullopt;
    const auto whole = sys_days(date) + hours(parts[3]) + minutes(parts[4]) + seconds(parts[5]) - offset;
    if (whole < earliest || whole >= latest) return whole < earliest ? earliest : latest;
    return time_point_cast<system_clock::duration>(whole + fraction);
}

std::string format_time(Time time) {
    using namespace std::chrono;
    const auto whole = floor<seconds>(time);
    const auto midnight = floor<days>(whole);
    const year_month_day date{midnight};
    const hh_mm_ss clock{whole - midnight};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

}  // namespace ktrain::kube
