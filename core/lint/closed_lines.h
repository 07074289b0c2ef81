// The lines of a file that hold a secret.
#pragma once

#include <vector>

#include "core/lint/object.h"

namespace ktrain::lint {

// By the number of the line, from 0.
std::vector<bool> closed_lines(const Source& source);

}  // namespace ktrain::lint
