// Which names the objects have that a workload makes.
#pragma once

#include <string>

#include "core/base/json.h"

namespace ktrain::kube {

// Whether an object of this kind and name, of which no more is known, is one that this workload would make. Pods are
// named by their owners, Jobs of a JobSet, ReplicaSets of a Deployment and the like too.
bool would_name(const Json& maker, const std::string& kind, const std::string& name);

}  // namespace ktrain::kube
