// The accelerators of a cluster's nodes: what they have, what pods ask for, what is free.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace ktrain::kube {

// Whether an extended resource is an accelerator: "nvidia.com/gpu", "amd.com/gpu", "nvidia.com/mig-1g.5gb",
// "google.com/tpu"; network devices are none.
bool is_accelerator(std::string_view resource);

// One kind of accelerator of one node; counts are whole devices.
struct NodeGpus {
    std::string node, product, resource;
    std::int64_t allocatable = 0, requested = 0;
    std::string status;  // "Ready", "NotReady", "Ready,SchedulingDisabled"

    std::int64_t free() const { return status == "Ready" && allocatable > requested ? allocatable - requested : 0; }
};

// From the objects of all nodes and of the pods that have not ended. By product, then node.
std::vector<NodeGpus> node_gpus(const std::vector<Json>& nodes, const std::vector<Json>& pods);

}  // namespace ktrain::kube
