// Whether the pods of a job fit the quotas of its namespace: a dry run does not tell, since it makes no pods.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace ktrain::kube {

struct QuotaFinding {
    std::string message;  // "the job needs 16 requests.nvidia.com/gpu, quota \"team\" allows 8"
    bool never = false;   // not even in an empty namespace; else it must wait for others to end
};

// `quotas` are ResourceQuota objects, of the server (with status.used) or about to be created. Those with scopes are
// left out: whether they count a pod is for the server to say.
std::vector<QuotaFinding> check_quotas(const Json& job, const std::vector<Json>& quotas);

}  // namespace ktrain::kube
