// Job: runs the pods, replaces failed ones, and ends at its deadline.
#include "core/base/exit_code.h"
#include "core/manifest/kinds.h"

namespace ktrain {
namespace {

// First match wins; every other failure counts against backoffLimit.
Object pod_failure_policy() {
    const Object disruption = {
        {"action", "Ignore"}, {"onPodConditions", Object::array({{{"type", "DisruptionTarget"}, {"status", "True"}}})}};
    const Object hopeless = {
        {"action", "FailJob"},
        {"onExitCodes",
         {{"containerName", container_name}, {"operator", "In"}, {"values", {exit_code::invalid, exit_code::no}}}}};
    return {{"rules", {disruption, hopeless}}};
}

}  // namespace

std::vector<Object> make_job(const Plan& plan) {
    Object object = make_object(plan, "batch/v1", "Job", plan.name, Ownership::job);
    object["spec"] = {{"completionMode", "Indexed"},
                      {"completions", plan.pods},
                      {"parallelism", plan.pods},
                      {"backoffLimit", plan.spec.cluster.max_restarts},
                      {"podFailurePolicy", pod_failure_policy()},
                      // A GPU is free only once its pod has ended.
                      {"podReplacementPolicy", "Failed"},
                      {"activeDeadlineSeconds", plan.deadline_seconds},
                      {"ttlSecondsAfterFinished", plan.ttl_seconds},
                      {"template", make_pod_template(plan)}};
    return {object};
}

}  // namespace ktrain
