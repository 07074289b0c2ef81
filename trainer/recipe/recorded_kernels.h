// The kernels that a checkpoint was computed without.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/spec/kernels.h"

namespace ktrain::trainer {

// What the checkpoint in `folder` records; all where it was written before there was a choice. Errors: Error{input} for
// a kernel that this program does not have: what it would compute in its place rounds otherwise.
Kernels kernels_in(const Json& environment, const std::string& folder);

// "all kernels", or which are disabled.
std::string described(Kernels kernels);

}  // namespace ktrain::trainer
