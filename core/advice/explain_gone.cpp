// What became of pods that are gone: their events, and the nodes that they were on.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/advice/explain.h"
#include "core/base/text.h"
#include "core/kube/job.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

// What the events of one pod tell of its way.
struct Trace {
    std::string node;
    bool started = false;
    bool crashed = false;        // a container of it ended by itself
    std::optional<Event> ended;  // by the kubelet, because somebody deleted it
};

using Traces = std::map<std::string, Trace>;  // by the pod's name

Traces traces_of(const std::vector<Event>& events) {
    Traces out;
    for (const Event& event : events) {
        Trace& trace = out[event.object.name];
        if (const std::string node = assigned_node(event); !node.empty()) trace.node = node;
        if (event.reason == "Started") trace.started = true;
        if (event.reason == "BackOff") trace.crashed = true;
        if (event.reason == "Killing" && event.message.starts_with("Stopping container ")) trace.ended = event;
    }
    return out;
}

// A pod as it was, from the template and its events.
Json as_it_was(const Snapshot& snapshot, const Event& event, const Trace& trace) {
    Json pod{{"kind", "Pod"},
             {"metadata", {{"name", event.object.name}, {"namespace", event.object.namespace_}, {"uid", event.uid}}},
             {"spec", Json::object()}};
    for (const Json* owner : workload_objects(snapshot))
        if (const Json& spec = at_path(*owner, {"spec", "template", "spec"}); spec.is_object()) pod["spec"] = spec;
    const std::string& node = event.node.empty() ? trace.node : event.node;
    if (!node.empty()) pod["spec"]["nodeName"] = node;
    return pod;
}

// Taints that take pods from the node on which this one was.
void add_taints(const Case& c, const std::string& name, Finding& out) {
    const Json* node = find_node(c.snapshot, name);
    if (node == nullptr) return;
    for (const Json& taint : at_path(*node, {"spec", "taints"}))
        if (string_or(taint, "effect") == "NoExecute")
            out.evidence.push_back(fmt::format("node {} has the taint {}{}{}:NoExecute", name, string_or(taint, "key"),
                                               string_or(taint, "value").empty() ? "" : "=",
                                               string_or(taint, "value")));
}

// What an event of a pod that is gone tells of its trouble.
std::optional<Finding> explain_event(const Case& c, const Event& event, bool all, const Trace& trace) {
    if (kube::is_routine_event(event.reason)) return std::nullopt;
    const Json pod = as_it_was(c.snapshot, event, trace);
    const bool placing = tells_of_placing(event.reason);
    if (const auto match = placing ? Symptoms::Match{} : c.symptoms.find(Source::pod, event.reason, event.message)) {
        Finding out = finding_of(match, words_of(c, pod), weight::ending);
        if (out.cause == "node-lost") add_taints(c, string_or(pod["spec"], "nodeName"), out);
        return out;
    }
    if (!all || trace.started) return std::nullopt;
    if (!placing) return explain_waiting(c, pod);
    const bool homeless = trace.node.empty();  // it had no node later
    return homeless && event.reason == "FailedScheduling" ? explain_scheduling(c, pod) : std::nullopt;
}

// The node that the pod was on is not there: the pod went with it, and the node's own events too. What the kubelet has
// stopped or started again was there before the node went.
std::optional<Finding> on_deleted_node(const Case& c, const Event& event, const Trace& trace) {
    const bool out_of_time = string_or(condition_of(c.snapshot.root, "Failed"), "reason") == "DeadlineExceeded";
    if (trace.node.empty() || trace.ended || trace.crashed || !failed(c.snapshot.root) || out_of_time ||
        !lacks_node(c.snapshot, trace.node))
        return std::nullopt;
    Finding out;
    out.cause = "node-missing";
    out.summary = fmt::format("the node {}, which the pod was on, does not exist any more", trace.node);
    out.evidence.push_back(
        fmt::format("{} was bound to the node {}, and there is none", event.object.text(), trace.node));
    out.remedy = "resume from the last checkpoint; see who removed the node (autoscaler, spot market, maintenance)";
    out.command = "kubectl get nodes";
    out.object = event.object;
    out.weight = weight::ending;
    return out;
}

// What the job's controller has deleted itself, as it does with the others when it gives up.
bool deleted_by_controller(const Case& c, const std::string& pod) {
    return std::ranges::any_of(c.history.of(c.snapshot.root), [&](const Event& event) {
        return event.reason == "SuccessfulDelete" && event.message.ends_with(pod);
    });
}

// Of a Job that takes a lost pod for a failed one.
std::optional<Finding> deleted_by_hand(const Case& c, const Traces& all, const Trace& trace) {
    const bool gave_up = string_or(condition_of(c.snapshot.root, "Failed"), "reason") == "BackoffLimitExceeded";
    if (!trace.ended || string_or(c.snapshot.root, "kind") != "Job" || !gave_up) return std::nullopt;
    if (std::ranges::any_of(all, [](const auto& one) { return one.second.crashed; }) ||
        deleted_by_controller(c, trace.ended->object.name))
        return std::nullopt;
    Finding out;
    out.cause = "pod-deleted";
    out.summary = "the pod was deleted while it ran, and the job counts that as a failure";
    out.evidence.push_back("Killing: " + printable(trace.ended->message));
    out.remedy =
        "see who deletes pods there (the audit log of the API server); a backoffLimit above 0 makes the job go on";
    out.command = fill("kubectl describe {object} -n {namespace}", words_of(c, c.snapshot.root));
    out.object = trace.ended->object;
    out.weight = weight::ending;
    return out;
}

}  // namespace

// The newest event that tells anything.
void explain_gone(const Case& c, bool all, std::vector<Finding>& out) {
    const std::vector<Event> events = c.history.of_gone_pods();
    const Traces traces = traces_of(events);
    const auto add = [&](Finding found, const Event& event) {
        found.evidence.push_back(
            fmt::format("{} (gone) {}: {}", event.object.text(), event.reason, printable(event.message)));
        if (found.object.name.empty()) found.object = event.object;
        found.since = event.first;
        out.push_back(std::move(found));
    };
    for (auto event = events.rbegin(); event != events.rend(); ++event)
        if (auto found = explain_event(c, *event, all, traces.at(event->object.name)))
            return add(std::move(*found), *event);
    if (!all) return;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        const Trace& trace = traces.at(event->object.name);
        auto found = on_deleted_node(c, *event, trace);
        if (!found) found = deleted_by_hand(c, traces, trace);
        if (found) return add(std::move(*found), *event);
    }
}

}  // namespace ktrain::advice
