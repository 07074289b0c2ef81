// Durations and timestamps: read and written as Go does, and the calendar fields of a timestamp.
#include "core/cel/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace ktrain::cel {
namespace {

constexpr std::int64_t billion = 1'000'000'000;
constexpr std::int64_t day = 86'400;
// The years 1 to 9999, in seconds since 1970.
constexpr std::int64_t first_second = -62'135'596'800, last_second = 253'402'300'799;

struct Unit {
    std::string_view name;
    std::int64_t nanos;
};
constexpr std::array<Unit, 8> units{{{"ns", 1},
                                     {"us", 1'000},
                                     {"\u00b5s", 1'000},
                                     {"\u03bcs", 1'000},
                                     {"ms", 1'000'000},
                                     {"s", billion},
                                     {"m", 60 * billion},
                                     {"h", 3'600 * billion}}};
// What units of schemas are called, or, where `open`, how their names may begin. Source: kube-openapi, strfmt.
struct SchemaUnit {
    std::string_view name;
    bool open;
    std::int64_t nanos;
};
constexpr std::array<SchemaUnit, 19> schema_units{{{"ns", false, 1},
                                                   {"nano", true, 1},
                                                   {"us", false, 1'000},
                                                   {"\u00b5s", false, 1'000},
                                                   {"micro", true, 1'000},
                                                   {"ms", false, 1'000'000},
                                                   {"milli", true, 1'000'000},
                                                   {"s", false, billion},
                                                   {"sec", true, billion},
                                                   {"m", false, 60 * billion},
                                                   {"min", true, 60 * billion},
                                                   {"h", false, 3'600 * billion},
                                                   {"hr", false, 3'600 * billion},
                                                   {"hour", true, 3'600 * billion},
                                                   {"d", false, day* billion},
                                                   {"day", true, day* billion},
                                                   {"w", false, 7 * day* billion},
                                                   {"wk", false, 7 * day* billion},
                                                   {"week", true, 7 * day* billion}}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    return end - at;
}

__extension__ typedef __int128 Wide;

// One "1.5h" of a duration, taken off the front of the text; adds to the sum.
bool take_part(std::string_view& text, Wide& sum) {
    const std::size_t whole = digits_at(text, 0);
    Wide value = 0;
    for (char c : text.substr(0, whole)) value = std::min<Wide>(value * 10 + (c - '0'), Wide{1} << 64);
    std::size_t at = whole, decimals = 0;
    if (at < text.size() && text[at] == '.') decimals = digits_at(text, ++at);
    if (whole + decimals == 0) return false;
    const std::string_view fraction = text.substr(at, std::min<std::size_t>(decimals, 18));
    text.remove_prefix(at + decimals);
    std::size_t end = 0;
    while (end < text.size() && text[end] != '.' && !is_digit(text[end])) ++end;
    const auto unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == text.substr(0, end); });
    if (unit == units.end()) return false;
    text.remove_prefix(end);
    sum += value * unit->nanos;
    Wide numerator = 0, denominator = 1;
    for (char c : fraction) numerator = numerator * 10 + (c - '0'), denominator *= 10;
    sum += numerator * unit->nanos / denominator;
    return sum <= Wide{1} << 63;
}

// The letters at the front, in lower case.
std::string unit_at(std::string_view text) {
    constexpr std::string_view micro = "\u00b5";
    std::string unit;
    for (std::size_t i = 0; i < text.size();) {
        const bool letter = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z');
        const std::size_t size = letter ? 1 : text.substr(i).starts_with(micro) ? micro.size() : 0;
        if (size == 0) break;
        if (letter) unit += static_cast<char>(text[i] | 0x20);
        if (!letter) unit += micro;
        i += size;
    }
    return unit;
}

// Digits at a fixed place, as a number; -1 when there are others.
int number_at(std::string_view text, std::size_t at, std::size_t count) {
    int number = 0;
    if (at + count > text.size() || digits_at(text.substr(0, at + count), at) != count) return -1;
    std::from_chars(text.data() + at, text.data() + at + count, number);
    return number;
}

// "2024-02-29" at the front: days since 1970.
std::optional<std::int64_t> days_of(std::string_view text) {
    const int year = number_at(text, 0, 4), month = number_at(text, 5, 2), date = number_at(text, 8, 2);
    if (year < 0 || month < 1 || date < 1 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const std::chrono::year_month_day calendar{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                               std::chrono::day(unsigned(date))};
    if (!calendar.ok()) return std::nullopt;
    return std::chrono::sys_days(calendar).time_since_epoch().count();
}

// "Z" or "+01:00", the whole text: seconds east.
std::optional<std::int64_t> offset_of(std::string_view text) {
    if (text == "Z") return 0;
    const int hours = number_at(text, 1, 2), minutes = number_at(text, 4, 2);
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
    if (hours < 0 || hours > 24 || minutes < 0 || minutes > 60) return std::nullopt;
    return (text[0] == '-' ? -1 : 1) * (hours * 3'600 + minutes * 60);
}

// "12:00:00.5" with what follows: the time of the day, and the rest of the text.
struct TimeOfDay {
    std::int64_t seconds = 0, nanos = 0;
    std::string_view rest;
};

std::optional<TimeOfDay> time_of_day(std::string_view text) {
    const int hour = number_at(text, 0, 2), minute = number_at(text, 3, 2), second = number_at(text, 6, 2);
    if (hour < 0 || minute < 0 || second < 0 || text[2] != ':' || text[5] != ':') return std::nullopt;
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    TimeOfDay time{hour * 3'600 + minute * 60 + second, 0, text.substr(8)};
    if (time.rest.empty() || (time.rest[0] != '.' && time.rest[0] != ',')) return time;
    const std::size_t decimals = digits_at(time.rest, 1);
    if (decimals == 0) return std::nullopt;
    for (std::size_t i = 0; i < 9; ++i) time.nanos = time.nanos * 10 + (i < decimals ? time.rest[i + 1] - '0' : 0);
    time.rest.remove_prefix(1 + decimals);
    return time;
}

std::optional<Timestamp> parse_moment(std::string_view text, std::string_view between, bool zone_needed) {
    const auto days = days_of(text);
    if (!days || text.size() < 19 || between.find(text[10]) == between.npos) return std::nullopt;
    const auto time = time_of_day(text.substr(11));
    if (!time) return std::nullopt;
    const auto offset = time->rest.empty() && !zone_needed ? std::optional<std::int64_t>(0) : offset_of(time->rest);
    if (!offset) return std::nullopt;
    auto moment = timestamp_of(*days * day + time->seconds - *offset, time->nanos);
    if (moment) moment->east = static_cast<std::int32_t>(*offset);
    return moment;
}

// A sum of nanoseconds with up to nine decimals: "1.5", without zeros at the end.
std::string decimals_of(std::int64_t nanos) {
    if (nanos == 0) return "";
    std::string text = fmt::format(".{:09}", nanos);
    return text.substr(0, text.find_last_not_of('0') + 1);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text == "0") return Duration{};
    if (text.empty()) return std::nullopt;
    Wide sum = 0;
    while (!text.empty()) {
        if (!take_part(text, sum)) return std::nullopt;
    }
    if (sum > INT64_MAX && !(negative && sum == Wide{1} << 63)) return std::nullopt;
    return Duration{static_cast<std::int64_t>(negative ? -sum : sum)};
}

std::optional<Duration> parse_schema_duration(std::string_view text) {
    if (auto duration = parse_duration(text)) return duration;
    std::uint64_t sum = 0;  // which Go lets overflow
    bool known = false;
    while (!text.empty()) {
        const std::size_t digits = digits_at(text, 0);
        std::string_view rest = text.substr(std::max<std::size_t>(digits, 1));
        if (digits > 0) {
            std::int64_t count = 0;
            const bool fits = std::from_chars(text.data(), text.data() + digits, count).ec == std::errc();
            rest.remove_prefix(std::min(rest.find_first_not_of(" \t\n\f\r"), rest.size()));
            const std::string unit = unit_at(rest);
            if (!unit.empty() && !fits) return std::nullopt;
            for (const SchemaUnit& one : schema_units) {
                if (one.open ? !unit.starts_with(one.name) : unit != one.name) continue;
                known = true;
                sum += static_cast<std::uint64_t>(count) * static_cast<std::uint64_t>(one.nanos);
            }
            rest.remove_prefix(unit.size());
        }
        text = rest;
    }
    return known ? std::optional(Duration{static_cast<std::int64_t>(sum)}) : std::nullopt;
}

std::optional<Timestamp> parse_time(std::string_view text) {
    return parse_moment(text, "T", true);
}

std::optional<Timestamp> parse_schema_time(std::string_view text) {
    return parse_moment(text, "Tt ", false);
}

std::optional<Timestamp> parse_date(std::string_view text) {
    const auto days = text.size() == 10 ? days_of(text) : std::nullopt;
    return days ? timestamp_of(*days * day, 0) : std::nullopt;
}

std::string to_text(Duration duration) {
    const bool negative = duration.nanos < 0;
    const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(duration.nanos) : duration.nanos;
    // Go takes the way over a double, which has 53 bits: so does this.
    const double seconds =
        static_cast<double>(size / billion) + static_cast<double>(size % billion) / static_cast<double>(billion);
    std::array<char, 64> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), seconds, std::chars_format::fixed);
    return (negative ? "-" : "") + std::string(buffer.data(), end.ptr) + "s";
}

std::string to_text(Timestamp time) {
    const Calendar c = calendar_of(time, time.east);
    const int minutes = std::abs(time.east) / 60;
    const std::string zone =
        time.east == 0 ? "Z" : fmt::format("{}{:02}:{:02}", time.east < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}", c.year, c.month + 1, c.day + 1, c.hour, c.minute,
                       c.second, decimals_of(time.nanos), zone);
}

std::optional<Timestamp> timestamp_of(std::int64_t seconds, std::int64_t nanos) {
    std::int64_t carried = nanos / billion, rest = nanos % billion;
    if (rest < 0) --carried, rest += billion;
    if (__builtin_add_overflow(seconds, carried, &seconds)) return std::nullopt;
    if (seconds < first_second || seconds > last_second) return std::nullopt;
    return Timestamp{seconds, static_cast<std::int32_t>(rest)};
}

Calendar calendar_of(Timestamp time, std::int64_t seconds_east) {
    using namespace std::chrono;
    const std::int64_t local = time.seconds + seconds_east;
    const sys_days days = floor<std::chrono::days>(sys_seconds(seconds(local)));
    const year_month_day date(days);
    const std::int64_t rest = local - days.time_since_epoch().count() * cel::day;
    Calendar c;
    c.year = int(date.year());
    c.month = static_cast<int>(unsigned(date.month())) - 1;
    c.day = static_cast<int>(unsigned(date.day())) - 1;
    c.day_of_year = static_cast<int>((days - sys_days(date.year() / January / 1)).count());
    c.day_of_week = static_cast<int>(weekday(days).c_encoding());
    c.hour = static_cast<int>(rest / 3'600);
    c.minute = static_cast<int>(rest / 60 % 60);
    c.second = static_cast<int>(rest % 60);
    return c;
}

std::optional<std::int64_t> parse_zone(std::string_view zone) {
    if (zone.empty() || zone == "UTC") return 0;
    const std::size_t colon = zone.find(':');
    if (colon == zone.npos) return std::nullopt;
    const bool negative = zone[0] == '-';
    const std::string_view hours = zone.substr(negative || zone[0] == '+' ? 1 : 0);
    int hour = 0, minute = 0;
    const auto first = std::from_chars(hours.data(), zone.data() + colon, hour);
    const auto second = std::from_chars(zone.data() + colon + 1, zone.data() + zone.size(), minute);
    if (first.ec != std::errc() || first.ptr != zone.data() + colon || second.ec != std::errc() ||
        second.ptr != zone.data() + zone.size() || hour < 0 || hour > 24 || minute < 0 || minute > 59) {
        return std::nullopt;
    }
    return (negative ? -1 : 1) * (hour * 3'600 + minute * 60);
}

}  // namespace ktrain::cel
