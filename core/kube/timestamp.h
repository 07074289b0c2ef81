// The API's points in time: RFC 3339 with any fraction of a second.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ktrain::kube {

using Time = std::chrono::system_clock::time_point;

// "2026-11-22T03:04:05Z", "...05.123456789Z", "...05+02:00"; nullopt when it is none. Times before 1970 or after 2259
// become the nearest of those.
std::optional<Time> parse_time(std::string_view text);

// Whole seconds in UTC, cut off: "2026-11-22T03:04:05Z".
std::string format_time(Time time);

}  // namespace ktrain::kube
