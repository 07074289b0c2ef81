// Reads from a cluster what a diagnosis needs of one workload, in few requests.
#pragma once

#include <string>

#include "core/advice/snapshot.h"
#include "core/kube/client.h"

namespace ktrain::advice {

// At most this many requests for one diagnosis; what is left out then is the least telling.
inline constexpr int max_requests = 15;

// The workload, what it has made, its events, and only where these ask for it nodes, claims, quotas, queues and the
// ends of the logs that tell why. `name` is NAME, KIND/NAME or KIND.GROUP/NAME, with "pod/NAME" for a bare pod.
// Errors: those of kube::parse_workload_name and kube::find_workload. What may not be read is told in `unread`.
Snapshot gather(kube::KubeClient& client, const std::string& in_namespace, const std::string& name);

}  // namespace ktrain::advice
