// Doubles and signed integers as text, as Go's strconv writes and reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ktrain::cel {

std::string to_text(double number);  // shortest that reads back: "1.5", "1e+06", "NaN", "+Inf"
std::optional<double> parse_double(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<std::uint64_t> parse_uint(std::string_view text);

}  // namespace ktrain::cel
