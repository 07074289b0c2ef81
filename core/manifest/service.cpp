// Service: DNS names for the pods of a job that runs on several.
#include "core/manifest/kinds.h"

namespace ktrain {

std::vector<Object> make_service(const Plan& plan) {
    Object object = make_object(plan, "v1", "Service", plan.service, Ownership::owned);
    object["spec"] = {{"clusterIP", "None"},
                      // Pods look each other up before any of them is ready.
                      {"publishNotReadyAddresses", true},
                      {"selector", {{label_job, plan.name}}},
                      {"ports", Object::array({{{"name", "rendezvous"}, {"port", rendezvous_port}}})}};
    return {object};
}

}  // namespace ktrain
