// What starts training pods again: probes, the kubelet, the Job's controller.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

void check_probes(const Training& training, const PodGroup& group) {
    for (const Container& container : group.containers) {
        const Spot probe = container.spot["livenessProbe"];
        if (!probe || container.role != Role::main || training.work.object->kind == "MPIJob") continue;
        training
            .add("KR312", probe.key_place(),
                 "a liveness probe kills the training when a step, or a checkpoint, takes longer than it waits",
                 "remove livenessProbe; a deadline ends what hangs")
            .changes.push_back(removed(probe));
    }
}

// Returns whether the kubelet starts containers again.
bool check_policy(const Training& training, const PodGroup& group) {
    const Spot policy = group.spec["restartPolicy"];
    if (policy.text() != "OnFailure") return false;
    if (group.replicas < 2 && training.work.groups.size() < 2) return true;
    training
        .add("KR313", policy.place(),
             "containers start again in place: the log of the one that failed is lost, and its peers still wait for it",
             "write restartPolicy: Never, and let podFailurePolicy decide")
        .changes.push_back(replaced(policy, "Never"));
    return true;
}

bool fails_job(Value policy) {
    return std::ranges::any_of(policy["rules"].items(),
                               [](const yaml::Node& node) { return Value(node)["action"].text() == "FailJob"; });
}

void check_exit_codes(const Training& training, const PodGroup& group, const Spot& job) {
    const Spot policy = job["podFailurePolicy"];
    const Spot limit = job["backoffLimit"];
    const std::int64_t retries = Value(limit).number().value_or(6);
    const bool never = group.spec["restartPolicy"].text() == "Never";
    // More than 20 retries without a policy are KR305; of OnFailure there is no policy.
    if (!never || policy || retries < 1 || retries > 20 || fails_job(Value(policy))) return;
    const Container* trainer = group.trainer();
    Diagnostic& found =
        training.add("KR314", job["podFailurePolicy"].place(),
                     "a command that is wrong is tried " + std::to_string(retries + 1) + " times, on GPUs",
                     "add a podFailurePolicy that fails the job on exit code 2");
    if (trainer == nullptr || trainer->name().empty()) return;
    const Json rule = {
        {"action", "FailJob"},
        {"onExitCodes", {{"containerName", trainer->name()}, {"operator", "In"}, {"values", Json::array({2})}}}};
    found.changes.push_back(added(job, {"podFailurePolicy", "rules"}, Json::array({rule})));
}

}  // namespace

void check_restarts(Training& training) {
    const Workload& work = training.work;
    if (!work.batch()) return;
    const bool job = work.is("Job", "batch") || work.is("CronJob", "batch");
    const bool jobs = work.is("JobSet", "jobset.x-k8s.io");
    for (const PodGroup& group : work.groups) {
        if (!group.spec || group.argo) continue;
        check_probes(training, group);
        if (!work.trains || (!job && !jobs)) continue;
        const bool again = check_policy(training, group);
        if (!again && job && work.has_gpu()) check_exit_codes(training, group, work.spec);
    }
}

}  // namespace ktrain::lint
