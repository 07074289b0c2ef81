// Puts the explanations together: each pod's own trouble, what keeps pods from being made, queues, the workload itself.
#include <algorithm>

#include "core/advice/explain.h"
#include "core/advice/failure.h"
#include "core/base/masking.h"
#include "core/base/text.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

bool all_started(const Json& pod) {
    for (const Container& container : containers_of(pod)) {
        if (container.init) continue;
        if (container.status == nullptr || at_path(*container.status, {"state", "waiting"}).is_object()) return false;
    }
    return true;
}

bool has_homeless(const Snapshot& snapshot) {
    return std::ranges::any_of(snapshot.pods, [](const Json& pod) {
        return phase_of(pod) == "Pending" && string_or(at_path(pod, {"spec"}), "nodeName").empty();
    });
}

std::optional<Finding> explain_pod(const Case& c, const Json& pod) {
    const std::string phase = phase_of(pod);
    if (phase == "Succeeded" || !kube::meta(pod, "deletionTimestamp").empty()) return std::nullopt;
    if (phase == "Failed" || ended_by_probe(c, pod))
        if (auto out = explain_probe(c, pod)) return out;
    if (auto out = explain_end(c, pod)) return out;
    if (string_or(at_path(pod, {"spec"}), "nodeName").empty()) return explain_scheduling(c, pod);
    if (phase == "Pending" || !all_started(pod))
        if (auto out = explain_waiting(c, pod)) return out;
    return explain_running(c, pod);
}

// Of many pods that failed not all logs are read; an exit code alone says nothing beside what a log has said.
void drop_unread_ends(const Snapshot& snapshot, std::vector<Finding>& findings) {
    const bool explained =
        std::ranges::any_of(findings, [](const Finding& one) { return one.weight >= weight::ending; });
    const auto is_read = [&](const std::string& pod) {
        return std::ranges::any_of(snapshot.logs, [&](const LogTail& log) { return log.pod == pod; });
    };
    if (explained)
        std::erase_if(findings,
                      [&](const Finding& one) { return one.cause == "exit-code" && !is_read(one.object.name); });
}

// What others have written is shown, and they may have written a secret.
std::vector<Finding> shown(std::vector<Finding> findings) {
    for (Finding& finding : findings) {
        finding.summary = without_secrets(finding.summary);
        for (std::string& line : finding.evidence) line = without_secrets(line);
    }
    return ranked(std::move(findings));
}

}  // namespace

std::vector<Finding> diagnose(const Snapshot& snapshot, const Symptoms& symptoms) {
    const History history(snapshot);
    const Case c{snapshot, symptoms, history};
    std::vector<Finding> out;
    explain_deletion(c, out);
    if (succeeded(snapshot.root)) return shown(std::move(out));
    bool explained = false;
    for (const Json* pod : pods_in_question(snapshot)) {
        auto one = explain_pod(c, *pod);
        if (!one) continue;
        explained = explained || one->weight > weight::follower;
        out.push_back(std::move(*one));
    }
    drop_unread_ends(snapshot, out);
    explain_gang(c, out);
    explain_silent_rank(c, out);
    explain_awaited_pod(c, out);
    explain_refusals(c, out);
    explain_queue(c, out);
    explain_owners(c, out);
    explain_service(c, out);
    const bool lost = failed(snapshot.root) || snapshot.pods.empty();
    if (lost ? !explained : has_homeless(snapshot)) explain_gone(c, lost, out);
    return shown(std::move(out));
}

}  // namespace ktrain::advice
