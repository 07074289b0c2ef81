// Whether a node could ever take a pod, as the scheduler's filters decide it: selectors, taints and sizes.
// Source: kube-scheduler 1.36, plugins nodeaffinity, tainttoleration, nodeunschedulable, noderesources.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/quantity.h"

namespace ktrain::advice {

// What nodes must have, as a person would write it: "nvidia.com/gpu.product=A100", "zone in (a, b)".
std::vector<std::string> selection_of(const Json& pod);

// One of them against a node: nodeSelector entries and each term of the required affinity.
bool selected(const Json& pod, const Json& node);

// The selector's single labels that no node has, with what the nodes have instead; empty when each exists.
std::vector<std::string> missing_labels(const Json& pod, const std::vector<Json>& nodes);

// Taints that keep the pod off the node ("gpu=yes:NoSchedule").
std::vector<std::string> untolerated(const Json& pod, const Json& node);

// Resources of which the node has less in all than the pod asks for.
std::vector<std::string> too_small(const std::map<std::string, Quantity>& requests, const Json& node);

Quantity allocatable(const Json& node, const std::string& resource);

// Of a device plugin, GPUs and network devices alike: "nvidia.com/gpu", "rdma/hca", not cpu, memory, storage.
bool is_extended_resource(const std::string& resource);

}  // namespace ktrain::advice
