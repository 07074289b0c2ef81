// Times and counts as people write them on a command line.
#pragma once

#include <optional>
#include <string_view>

namespace ktrain {

// A length of time in seconds, always with its unit, in any case: "0.5h", "90min", "24H", "1d12h", "30s". nullopt when
// it is none, is not above 0 or is above 10^9 s.
std::optional<double> parse_span(std::string_view text);

// A number above 0, up to 10^15, of people or of a program: "2000000", "300K", "1.5B", "1T", "3e8". nullopt for
// another.
std::optional<double> parse_count(std::string_view text);

}  // namespace ktrain
