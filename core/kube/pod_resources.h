// What the parts of a pod ask for together, as Kubernetes counts it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/json.h"
#include "core/base/quantity.h"

namespace ktrain::kube {

using Amounts = std::map<std::string, Quantity>;  // by resource: "cpu", "nvidia.com/gpu"

// Of the spec of a pod, with its overhead; nothing that is zero. Containers run together, and with the sidecars among
// the init containers; the other init containers run one at a time, beside the sidecars before them. What the pod asks
// for as a whole counts instead. Limits stand for requests that are not given, as the server sets them.
// Source: k8s.io/component-helpers resource.PodRequests and PodLimits; defaults of pkg/apis/core/v1.
Amounts pod_requests(const Json& pod_spec);
Amounts pod_limits(const Json& pod_spec);

// Pods of one template: of the pod's spec so many at a time.
struct PodCount {
    Json spec;
    std::int64_t count = 1;
};

}  // namespace ktrain::kube
