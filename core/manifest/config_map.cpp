// ConfigMap: the resolved spec as the pods read it; a new spec gets a new name.
#include "core/base/yaml.h"
#include "core/manifest/kinds.h"
#include "core/spec/load.h"

namespace ktrain {

std::vector<Object> make_config_map(const Plan& plan) {
    Object object = make_object(plan, "v1", "ConfigMap", plan.config_map, Ownership::owned);
    object["immutable"] = true;
    object["data"]["spec.yaml"] = yaml::emit(spec::to_json(plan.spec));
    return {object};
}

}  // namespace ktrain
