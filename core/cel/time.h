// Durations and timestamps: read and written as Go does, and the calendar fields of a timestamp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/cel/value.h"

namespace ktrain::cel {

// "1h30m", "-1.5s", "10ms". nullopt for anything else and beyond 64 bits of nanoseconds. Source: Go's
// time.ParseDuration.
std::optional<Duration> parse_duration(std::string_view text);
// As a schema of format duration takes it: also "2 days", "1w". Source: kube-openapi pkg/validation/strfmt.
std::optional<Duration> parse_schema_duration(std::string_view text);

// RFC 3339 of the years 1 to 9999: "2024-02-29T12:00:00.5+01:00".
std::optional<Timestamp> parse_time(std::string_view text);
// As a schema of format date-time takes it: also a space for the T, and no zone.
std::optional<Timestamp> parse_schema_time(std::string_view text);
std::optional<Timestamp> parse_date(std::string_view text);  // "2024-02-29"

std::string to_text(Duration duration);  // "5400s", "0.01s"
std::string to_text(Timestamp time);     // RFC 3339 in its zone, with as many decimals as needed

// nullopt outside the years 1 to 9999.
std::optional<Timestamp> timestamp_of(std::int64_t seconds, std::int64_t nanos);

// The fields of a timestamp as it is in a zone, by the name of the getter: "getMonth" counts from 0.
struct Calendar {
    std::int64_t year = 0;
    int month = 0, day = 0, day_of_year = 0, day_of_week = 0, hour = 0, minute = 0, second = 0;  // all from 0
};
Calendar calendar_of(Timestamp time, std::int64_t seconds_east);

// "UTC", "", "+02:00", "-3:30": seconds east of Greenwich. nullopt for names of places, which need a database.
std::optional<std::int64_t> parse_zone(std::string_view zone);

}  // namespace ktrain::cel
