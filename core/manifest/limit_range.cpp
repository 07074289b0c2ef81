// LimitRange: numbers for containers that have none, which a quota would otherwise refuse.
#include "core/manifest/kinds.h"

namespace ktrain {

std::vector<Object> make_limit_range(const Plan& plan) {
    Object object = make_object(plan, "v1", "LimitRange", "training-limits", Ownership::shared);
    object["spec"]["limits"] = Object::array({{{"type", "Container"},
                                               {"default", {{"cpu", "1"}, {"memory", "1Gi"}}},
                                               {"defaultRequest", {{"cpu", "100m"}, {"memory", "256Mi"}}}}});
    return {object};
}

}  // namespace ktrain
