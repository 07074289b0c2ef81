// What has to be said about an estimate: what it assumes, and what its reader should know.
#pragma once

#include <string>
#include <vector>

#include "core/estimate/estimate.h"

namespace ktrain {

std::vector<std::string> assumptions_of(const Estimate& estimate);
std::vector<std::string> warnings_of(const Estimate& estimate);

}  // namespace ktrain
