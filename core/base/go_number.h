// Numbers as programs in Go read them: strconv.ParseInt and ParseUint with base 0, and strconv.ParseFloat.
#pragma once

#include <string_view>

namespace ktrain {

// "1_000", "0x1F", "0b1", "-5", "010": of 64 bits with the sign.
bool is_go_integer(std::string_view text);

// The same without a sign, which has one bit more.
bool is_go_natural(std::string_view text);

// "1e5", ".5", "1_0.5", "0x1p-2"; not what is too large, no inf and no nan.
bool is_go_float(std::string_view text);

}  // namespace ktrain
