// "a" and "an" before the names of kinds and types.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

// "an MPIJob", "a Job", "an int". Words of capitals are spelt letter by letter.
std::string with_article(std::string_view name);

}  // namespace ktrain
