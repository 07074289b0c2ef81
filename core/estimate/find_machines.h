// The GPUs that a plan may have, and in which numbers instances have them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/estimate/find.h"

namespace ktrain {

struct Machine {
    Gpu gpu;
    GpuSpeed speed;
    std::vector<std::int64_t> gpus_per_node;  // rising
};

// Those of the prices, or the one that is asked for. What cannot do the work is left out, and `notes` say why.
// Errors: Error{input} where it is the GPU that is asked for, or in no instance.
std::vector<Machine> machines_of(const FindInput& input, std::vector<std::string>& notes);

}  // namespace ktrain
