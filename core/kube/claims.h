// Volumes that would go with the workload that owns them.
#pragma once

#include <string>
#include <vector>

#include "core/kube/workloads.h"

namespace ktrain::kube {

// Takes the workload and what it has made from the owners of the PersistentVolumeClaims of its namespace, so that
// they outlive it; returns their names. Other owners stay. Errors: as KubeClient::list and patch;
// Error{unreachable} when the server fails at what the workload has made.
std::vector<std::string> keep_claims(KubeClient& client, const std::string& in_namespace, const Workload& workload);

}  // namespace ktrain::kube
