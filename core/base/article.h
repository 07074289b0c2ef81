// "a" and "an" before the names of kinds and types.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

// "an MPIJob", "a Job", "an int", "an H100", "an 8". Words of capitals, and letters before digits, are spelt.
std::string with_article(std::string_view name);

}  // namespace ktrain
