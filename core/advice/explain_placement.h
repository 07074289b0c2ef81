// What explanations of pods without a node share.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/advice/finding.h"

namespace ktrain::advice {

// "2 Insufficient cpu" in the scheduler's message: resource and number of nodes.
std::map<std::string, int> insufficient(std::string_view message);

// The cause that a lack of this resource is: "insufficient-gpu".
std::string cause_of_lack(const std::string& resource);

// Of a pod that waits for a node since it was made.
Finding pod_finding(const Json& pod, std::string cause);

// Nodes that are large enough for the pod and keep it off: "node a is cordoned, node b has the taint
// team=x:NoSchedule"; empty without any. Those of the control plane are not meant for it.
std::string kept_off_nodes(const Json& pod, const std::vector<Json>& nodes);

// The nodes that could take the pod, were they empty.
std::vector<const Json*> nodes_for(const Json& pod, const std::vector<Json>& nodes);

}  // namespace ktrain::advice
