// Which GPUs the instances of clouds have, and what they cost: as prices.csv and gpus.csv say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/object.h"

namespace ktrain::lint {

struct InstanceGpu {
    std::string id;  // in gpus.csv
    std::string name;
    double memory = 0;  // bytes
    bool bf16 = true;
};

// Of an instance type ("p3.2xlarge"), a family ("g5"), a name of Karpenter's ("a10g") or a product label; nothing where
// it is not known.
std::optional<InstanceGpu> gpu_of(std::string_view name);

// Dollars for an hour of one GPU, on demand, of the cheapest instance that the pod's node selector and required
// affinity allow; nothing where they name no GPU.
std::optional<double> cheapest_gpu_hour(const Spot& pod);

}  // namespace ktrain::lint
