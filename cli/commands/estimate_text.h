// An estimate as people read it.
#pragma once

#include <cstddef>
#include <string>

#include "core/estimate/estimate.h"

namespace ktrain {

// `width`: columns of the terminal; 0: as wide as it gets.
std::string estimate_report(const Estimate& result, std::size_t width);

}  // namespace ktrain
