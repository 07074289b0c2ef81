// The names of the time zones that a CronJob can be in.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::lint {

bool is_time_zone(std::string_view name);
std::string nearest_time_zone(std::string_view name);  // or ""

}  // namespace ktrain::lint
