// ServiceAccount: the pods' identity, without a token for the API server.
#include "core/manifest/kinds.h"

namespace ktrain {

std::vector<Object> make_service_account(const Plan& plan) {
    Object object = make_object(plan, "v1", "ServiceAccount", plan.name, Ownership::owned);
    object["automountServiceAccountToken"] = false;
    return {object};
}

}  // namespace ktrain
