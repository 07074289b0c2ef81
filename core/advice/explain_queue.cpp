// Why a workload waits in a queue or for its gang: Kueue's Workload, PodGroups of Volcano and of coscheduling.
#include <fmt/format.h>

#include <algorithm>

#include "core/advice/explain.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

bool is_true(const Json& condition) {
    return string_or(condition, "status") == "True";
}

std::string queue_of(const Json& workload, const Json& root) {
    return string_or(at_path(workload, {"spec"}), "queueName", kube::label_value(root, "kueue.x-k8s.io/queue-name"));
}

// The one condition that keeps the workload out, as reason and message; nothing when it is admitted.
std::optional<std::pair<std::string, std::string>> obstacle(const Json& workload) {
    const Json& reserved = condition_of(workload, "QuotaReserved");
    const Json& evicted = condition_of(workload, "Evicted");
    const auto pair = [](const Json& one) {
        return std::make_pair(string_or(one, "reason"), string_or(one, "message"));
    };
    if (at_path(workload, {"spec", "active"}) == false && !is_true(evicted))
        return std::make_pair(std::string("Deactivated"), std::string("spec.active is false"));
    if (is_true(evicted) && !is_true(reserved)) return pair(evicted);
    for (const Json& check : at_path(workload, {"status", "admissionChecks"})) {
        const std::string state = string_or(check, "state");
        if (state == "Ready") continue;
        return std::make_pair("AdmissionCheck" + state, string_or(check, "name") + ": " + string_or(check, "message"));
    }
    if (!reserved.is_null() && !is_true(reserved)) return pair(reserved);
    if (const Json& ready = condition_of(workload, "PodsReady");
        is_true(condition_of(workload, "Admitted")) && !ready.is_null() && !is_true(ready))
        return std::nullopt;  // the pods tell why
    if (!reserved.is_null()) return std::nullopt;
    return std::make_pair(std::string("NotYetSeen"), std::string("Kueue has not looked at the workload"));
}

void explain_workload(const Case& c, const Json& workload, std::vector<Finding>& out) {
    if (is_true(condition_of(workload, "Finished"))) return;
    const auto found = obstacle(workload);
    if (!found) return;
    const auto& [reason, message] = *found;
    const bool fresh = age(c.snapshot, time_at(workload, {"metadata", "creationTimestamp"})) < grace;
    Words words = words_of(c, workload);
    words["queue"] = queue_of(workload, c.snapshot.root);
    Finding one;
    if (const auto row = c.symptoms.find(Source::queue, reason, message)) {
        if (fresh && !row.row->soon) return;
        one = finding_of(row, words, weight::queue);
        if (reason != "Deactivated" && reason != "NotYetSeen") quote(row, message, one);  // those are our own words
    } else {
        if (fresh) return;
        one.cause = "kueue-waiting";
        one.severity = Severity::warning;
        one.summary = fmt::format("Kueue has not admitted the job: {}", printable(reason));
        one.remedy = "see the workload and its queue";
        one.command = fill("kubectl describe workload {name} -n {namespace}", words);
        one.weight = weight::queue;
    }
    one.object = ref_of(workload);
    one.evidence.push_back(fmt::format("Workload {}: {}: {}", one.object.name, printable(reason), printable(message)));
    for (const Json& owner : c.snapshot.owners) {
        const Json& active = condition_of(owner, "Active");
        if (string_or(owner, "kind") != "ClusterQueue" || string_or(active, "status") != "False") continue;
        const std::string why = printable(string_or(active, "message"));
        one.summary += ": " + why;
        one.evidence.push_back(fmt::format("ClusterQueue {}: {}: {}", kube::meta(owner, "name"),
                                           printable(string_or(active, "reason")), why));
        one.command = "kubectl describe clusterqueue " + kube::meta(owner, "name");
    }
    if (!c.snapshot.queue_position.empty()) one.evidence.push_back("position: " + c.snapshot.queue_position);
    for (const Event& event : c.history.of(workload))
        if (event.type == "Warning") one.evidence.push_back(event.reason + ": " + printable(event.message));
    out.push_back(std::move(one));
}

// A label for a queue that nobody reads: the job stays suspended for ever.
void explain_unmanaged(const Case& c, std::vector<Finding>& out) {
    const Json& root = c.snapshot.root;
    const std::string queue = kube::label_value(root, "kueue.x-k8s.io/queue-name");
    const bool held =
        at_path(root, {"spec", "suspend"}) == true || at_path(root, {"spec", "runPolicy", "suspend"}) == true;
    if (queue.empty() || !held || age(c.snapshot, time_at(root, {"metadata", "creationTimestamp"})) < grace) return;
    const bool absent = c.snapshot.unserved.contains("kueue.x-k8s.io/Workload");
    Finding one;
    one.cause = "kueue-not-managing";
    one.summary = absent
                      ? fmt::format("the job waits for the queue {}, but this cluster has no Kueue", printable(queue))
                      : fmt::format("Kueue has made no Workload for the job in the queue {}", printable(queue));
    one.object = ref_of(root);
    one.evidence.push_back(fmt::format("label kueue.x-k8s.io/queue-name={}, suspended, no Workload", printable(queue)));
    one.remedy = absent ? "install Kueue, or submit the job without a queue"
                        : "see that Kueue's controller runs, and that this kind is among its integrations";
    one.command = "kubectl get deployments -n kueue-system";
    one.weight = weight::queue;
    out.push_back(std::move(one));
}

Quantity amount(const Json& object, std::initializer_list<std::string_view> keys) {
    return kube::quantity_of(at_path(object, keys)).value_or(Quantity());
}

// The Volcano queue of a group, where it was read.
const Json* queue_of_group(const Case& c, const Json& group) {
    const std::string name = string_or(at_path(group, {"spec"}), "queue", "default");
    for (const Json& queue : c.snapshot.owners)
        if (string_or(queue, "kind") == "Queue" && kube::meta(queue, "name") == name) return &queue;
    return nullptr;
}

// What the group needs against what its queue has left; empty when it has enough or is not known.
std::string deficit(const Case& c, const Json& group) {
    const Json& needs = at_path(group, {"spec", "minResources"});
    const Json* queue = queue_of_group(c, group);
    if (queue == nullptr || !needs.is_object()) return {};
    for (const auto& [key, value] : needs.items()) {
        if (!at_path(*queue, {"spec", "capability"}).contains(key)) continue;
        const Quantity cap = amount(*queue, {"spec", "capability", key});
        const Quantity used = amount(*queue, {"status", "allocated", key});
        const Quantity need = kube::quantity_of(value).value_or(Quantity());
        if (need + used > cap)
            return fmt::format("queue {} may use {} {}, of which {} are in use; the group needs {}",
                               kube::meta(*queue, "name"), cap.text(), key, used.text(), need.text());
    }
    return {};
}

void explain_group(const Case& c, const Json& group, std::vector<Finding>& out) {
    const std::string phase = string_or(at_path(group, {"status"}), "phase", "Pending");
    if (phase == "Running" || phase == "Completed" || phase == "Scheduled" || phase == "Finished") return;
    std::string reason = "Phase" + phase, message;
    for (const Json& condition : at_path(group, {"status", "conditions"})) {
        if (string_or(condition, "type") != "Unschedulable" || !is_true(condition)) continue;
        reason = string_or(condition, "reason");
        message = string_or(condition, "message");
    }
    if (age(c.snapshot, time_at(group, {"metadata", "creationTimestamp"})) < grace) return;
    Words words = words_of(c, group);
    words["queue"] = string_or(at_path(group, {"spec"}), "queue", "default");
    words["members"] = std::to_string(number_at(group, {"spec", "minMember"}));
    const std::string lack = deficit(c, group);
    const Json* queue = queue_of_group(c, group);
    const std::string state = queue == nullptr ? "" : string_or(at_path(*queue, {"status"}), "state");
    const bool closed = state == "Closed" || state == "Closing";
    if (closed) words["state"] = lower(state);
    const auto row = c.symptoms.find(Source::group,
                                     closed         ? "QueueClosed"
                                     : lack.empty() ? reason
                                                    : "QueueFull",
                                     message);
    if (!row) return;
    Finding one = finding_of(row, words, weight::group);
    one.object = ref_of(group);
    one.evidence.push_back(
        fmt::format("PodGroup {} is {}: {}: {}", one.object.name, phase, printable(reason), printable(message)));
    if (closed) one.evidence.push_back(fmt::format("Queue {}: status.state is {}", kube::meta(*queue, "name"), state));
    if (!lack.empty()) one.evidence.push_back(lack);
    for (const Event& event : c.history.of(group))
        if (event.type == "Warning") one.evidence.push_back(event.reason + ": " + printable(event.message));
    out.push_back(std::move(one));
}

}  // namespace

void explain_queue(const Case& c, std::vector<Finding>& out) {
    bool known = false;
    for (const Json& object : c.snapshot.owners) {
        const std::string kind = string_or(object, "kind"), version = string_or(object, "apiVersion");
        if (kind == "Workload" && version.starts_with("kueue.")) {
            known = true;
            explain_workload(c, object, out);
        } else if (kind == "PodGroup") {
            explain_group(c, object, out);
        }
    }
    if (!known) explain_unmanaged(c, out);
}

}  // namespace ktrain::advice
