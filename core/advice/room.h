// Whether the nodes of a cluster could take all pods of a job at once, were they empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace ktrain::advice {

// Pods of one template.
struct PodShare {
    Json pod;  // {"spec": ...}
    std::int64_t count = 1;
};

struct Shortage {
    std::string message;  // "no node has nvidia.com/gpu.product=H100 (nodes have A100)"
    std::string remedy;
};

// The first reason why not: labels, taints, the size of a pod, or of all together. Autoscalers may add nodes that are
// not among these. Nothing when all have room. Commands in a remedy get `flags`: how the cluster is reached.
std::optional<Shortage> lacks_room(const std::vector<PodShare>& shares, const std::vector<Json>& nodes,
                                   const std::string& flags = {});

}  // namespace ktrain::advice
