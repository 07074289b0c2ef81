// Sizes and money as estimates write them.
#pragma once

#include <cstdint>
#include <string>

namespace ktrain {

std::string gib(std::int64_t bytes);   // "13.9 GiB", the sign left out
std::string dollars(double amount);    // USD: "$3.67", "$287"
std::string duration(double seconds);  // "90.0 min", from two hours on "2.5 h"

}  // namespace ktrain
