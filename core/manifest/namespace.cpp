// Namespace: where the job lives; it outlives the job.
#include "core/manifest/kinds.h"

namespace ktrain {

std::vector<Object> make_namespace(const Plan& plan) {
    Object object = make_object(plan, "v1", "Namespace", plan.namespace_, Ownership::shared);
    // Training pods need no privileges; "baseline" still lets monitoring and debugging pods in.
    object["metadata"]["labels"].emplace("pod-security.kubernetes.io/enforce", "baseline");
    return {object};
}

}  // namespace ktrain
