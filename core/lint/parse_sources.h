// Parses many sources, and large ones in parts, with several threads.
#pragma once

#include <vector>

#include "core/lint/object.h"

namespace ktrain::lint {

// One stream per source: what yaml::parse() says of each, for any number of threads.
std::vector<yaml::Stream> parse_sources(const std::vector<Source>& sources, unsigned threads);

}  // namespace ktrain::lint
