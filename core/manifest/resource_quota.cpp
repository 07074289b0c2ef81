// ResourceQuota: what all jobs of the namespace may ask for together.
#include "core/manifest/kinds.h"

namespace ktrain {

std::vector<Object> make_resource_quota(const Plan& plan) {
    Object object = make_object(plan, "v1", "ResourceQuota", "training-quota", Ownership::shared);
    object["spec"]["hard"] = plan.quota;
    return {object};
}

}  // namespace ktrain
