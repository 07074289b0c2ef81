// Whether the pods of a job fit the quotas of its namespace: a dry run does not tell, since it makes no pods.
#pragma once

#include <string>
#include <vector>

#include "core/kube/pod_resources.h"

namespace ktrain::kube {

// How many pods of the job run at a time.
std::int64_t pods_of(const Json& job);

struct QuotaFinding {
    std::string message;  // "the job needs 16 requests.nvidia.com/gpu, quota \"team\" allows 8"
    bool never = false;   // not even in an empty namespace; else it must wait for others to end
};

// The quotas of a namespace once the bundle is applied: those of the server, with the limits of the bundle's where it
// has one of the same name and what is in use as the server counts it, and those that the bundle adds.
std::vector<Json> quotas_after(std::vector<Json> there, const std::vector<Json>& bundle, const std::string& namespace_);

// `counted`: how quotas name the object that makes the pods ("count/jobs.batch"); empty when it is there already.
// Others as below.
std::vector<QuotaFinding> check_quotas(const std::vector<PodCount>& pods, const std::string& counted,
                                       const std::vector<Json>& quotas);

// `quotas` are ResourceQuota objects. Those with scopes are left out: whether they count a pod is for the server to
// say.
std::vector<QuotaFinding> check_quotas(const Json& job, const std::vector<Json>& quotas);

}  // namespace ktrain::kube
