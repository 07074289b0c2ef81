// Names under which device plugins offer GPUs and other devices.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::lint {

// The name that a misspelt one is meant for ("nvidia.com/gpu" for "nvida.com/gpu", "nvidia.com/gpus"); empty for names
// that are known, and for those that are like none.
std::string device_meant(std::string_view name);

}  // namespace ktrain::lint
