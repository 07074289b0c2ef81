// Why a pod has no node: the scheduler's message taken apart, and checked against what the nodes are.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/advice/explain.h"
#include "core/advice/explain_placement.h"
#include "core/advice/placement.h"
#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/pod_resources.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

std::string asked(const Json& pod) {
    std::vector<std::string> parts;
    for (const auto& [name, amount] : kube::pod_requests(at_path(pod, {"spec"})))
        parts.push_back(name + "=" + amount.text());
    return "the pod asks for " + join(parts, ", ");
}

// "ml/notebook-0 has 4, ml/eval has 2" of what a node offers of a resource; empty where its pods were not read.
std::string holders(const Snapshot& snapshot, const std::string& node, const std::string& resource) {
    constexpr std::size_t most = 3;
    const auto found = snapshot.neighbours.find(node);
    if (found == snapshot.neighbours.end()) return {};
    std::vector<std::pair<Quantity, std::string>> all;
    for (const Json& pod : found->second) {
        if (phase_of(pod) == "Succeeded" || phase_of(pod) == "Failed") continue;
        const auto requests = kube::pod_requests(at_path(pod, {"spec"}));
        const auto held = requests.find(resource);
        if (held == requests.end() || held->second == Quantity()) continue;
        all.emplace_back(held->second, fmt::format("{}/{} has {}", kube::meta(pod, "namespace"),
                                                   kube::meta(pod, "name"), held->second.text()));
    }
    std::ranges::stable_sort(all, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> out;
    for (const auto& [amount, text] : all) out.push_back(text);
    if (out.size() > most) out[most] = fmt::format("{} more have the rest", out.size() - most), out.resize(most + 1);
    return join(out, ", ");
}

// Whether the nodes that could take the pod are full with pods of a workload that runs all of its pods for good.
bool waits_for_own(const Case& c, const Json& pod, const std::string& resource) {
    const std::string kind = string_or(c.snapshot.root, "kind");
    if ((kind != "Deployment" && kind != "StatefulSet") || c.snapshot.neighbours.empty()) return false;
    const auto nodes = nodes_for(pod, *c.snapshot.nodes);
    return std::ranges::all_of(nodes, [&](const Json* node) {
        const auto there = c.snapshot.neighbours.find(kube::meta(*node, "name"));
        if (there == c.snapshot.neighbours.end()) return false;
        return std::ranges::all_of(there->second, [&](const Json& one) {
            const bool own = std::ranges::any_of(c.snapshot.pods, [&](const Json& mine) {
                return !kube::meta(one, "uid").empty() && kube::meta(mine, "uid") == kube::meta(one, "uid");
            });
            const auto requests = kube::pod_requests(at_path(one, {"spec"}));
            return own || phase_of(one) == "Succeeded" || phase_of(one) == "Failed" || !requests.contains(resource);
        });
    });
}

// Room that others have taken, on nodes that would be large enough.
std::optional<Finding> not_now(const Case& c, const Json& pod, const std::string& message) {
    const auto lacking = insufficient(message);
    const auto requests = kube::pod_requests(at_path(pod, {"spec"}));
    const std::pair<const std::string, int>* best = nullptr;
    const auto key = [](const auto& one) { return std::make_pair(is_extended_resource(one.first), one.second); };
    for (const auto& one : lacking)
        if (best == nullptr || key(*best) < key(one)) best = &one;
    if (best == nullptr) return std::nullopt;
    Finding out = pod_finding(pod, cause_of_lack(best->first));
    out.severity = Severity::warning;
    const auto amount = requests.find(best->first);
    const std::string wanted = amount == requests.end() ? "some" : amount->second.text();
    out.summary =
        fmt::format("Insufficient {}: the pod asks for {}, and no node has that much free now", best->first, wanted);
    out.remedy = "wait until other pods end, stop some of them, or ask for less";
    out.command = "kubectl describe nodes | grep -A 10 'Allocated resources'";
    if (!c.snapshot.all_nodes) return out;
    for (const Json* node : nodes_for(pod, *c.snapshot.nodes)) {
        if (out.evidence.size() == 4) break;
        const std::string name = kube::meta(*node, "name"), held = holders(c.snapshot, name, best->first);
        out.evidence.push_back(fmt::format("node {} has {} {} in all, too few of them free{}{}", name,
                                           allocatable(*node, best->first).text(), best->first,
                                           held.empty() ? "" : ": ", held));
        if (!held.empty() && out.evidence.size() == 1) out.summary += fmt::format(" (of node {}: {})", name, held);
    }
    if (const std::string kept = kept_off_nodes(pod, *c.snapshot.nodes); !kept.empty()) {
        out.summary += "; " + kept;
        out.remedy += "; or mend or uncordon the nodes that keep it off, or tolerate their taint";
    }
    if (waits_for_own(c, pod, best->first)) {
        out.severity = Severity::error;
        const bool rolls = std::ranges::none_of(c.snapshot.pods, [&](const Json& one) {
            return !string_or(at_path(one, {"spec"}), "nodeName").empty() &&
                   controller_of(one).uid == controller_of(pod).uid;
        });
        out.summary += rolls
                           ? "; what it waits for is held by an older pod of the same Deployment, which ends only when "
                             "this one runs"
                           : "; all of it is held by pods of this workload itself, which do not end for it";
        out.remedy = rolls ? "set spec.strategy to Recreate (or maxSurge 0 and maxUnavailable 1), or add a node"
                           : "ask for fewer pods or smaller ones, or add nodes";
    }
    return out;
}

// Without the nodes, the message alone: what is most likely the cause of the parts it names.
std::optional<Finding> by_message(const Case& c, const Json& pod, const std::string& message) {
    if (const auto found = c.symptoms.find(Source::unschedulable, "now", message))
        return finding_of(found, words_of(c, pod), weight::scheduling);
    if (auto found = not_now(c, pod, message)) return found;
    if (const auto found = c.symptoms.find(Source::unschedulable, "nodes", message))
        return finding_of(found, words_of(c, pod), weight::scheduling);
    return std::nullopt;
}

// What the scheduler said last: the condition, else the newest event.
std::string verdict(const Case& c, const Json& pod) {
    const Json& scheduled = condition_of(pod, "PodScheduled");
    if (const std::string message = string_or(scheduled, "message"); !message.empty()) return message;
    std::string out;
    for (const Event& event : c.history.of(pod))
        if (event.reason == "FailedScheduling") out = event.message;
    return out;
}

std::optional<Finding> gated(const Case& c, const Json& pod) {
    std::vector<std::string> gates;
    for (const Json& gate : at_path(pod, {"spec", "schedulingGates"})) gates.push_back(string_or(gate, "name"));
    if (gates.empty() || age(c.snapshot, time_at(pod, {"metadata", "creationTimestamp"})) < grace / 2)
        return std::nullopt;
    Finding out = pod_finding(pod, "scheduling-gated");
    out.summary = "the pod is held back by a scheduling gate: " + join(gates, ", ");
    out.evidence.push_back("PodScheduled: SchedulingGated");
    out.remedy = "whoever set the gate must remove it (spec.schedulingGates): see that its controller runs";
    out.command = fmt::format("kubectl get pod {} -n {} -o yaml", out.object.name, out.object.namespace_);
    return out;
}

// No scheduler is shown a pod whose claims of devices are not there: neither a condition nor an event of it tells.
std::optional<Finding> unclaimed(const Case& c, const Json& pod) {
    if (age(c.snapshot, time_at(pod, {"metadata", "creationTimestamp"})) < grace / 2) return std::nullopt;
    for (const Json& claim : at_path(pod, {"spec", "resourceClaims"})) {
        const std::string name = string_or(claim, "resourceClaimName"), key = string_or(claim, "name");
        const Json& made = at_path(pod, {"status", "resourceClaimStatuses"});
        const bool is_made = std::ranges::any_of(made, [&](const Json& one) { return string_or(one, "name") == key; });
        if (name.empty() ? is_made : !c.snapshot.absent_device_claims.contains(name)) continue;
        const std::string of = name.empty() ? string_or(claim, "resourceClaimTemplateName") : name;
        const std::string what = name.empty() ? "resourceclaim template" : "resourceclaim";
        const std::string said = fmt::format("{} \"{}\" not found", what, printable(of));
        const auto match = c.symptoms.find(Source::unschedulable, "claim", said);
        if (!match) return std::nullopt;
        Finding out = finding_of(match, words_of(c, pod), weight::volume);
        out.object = ref_of(pod);
        out.since = time_at(pod, {"metadata", "creationTimestamp"});
        out.evidence.push_back("spec.resourceClaims: " +
                               (name.empty() ? "no claim is made from the template " + printable(of) : said));
        return out;
    }
    return std::nullopt;
}

std::optional<Finding> unseen(const Case& c, const Json& pod) {
    const std::string scheduler = string_or(at_path(pod, {"spec"}), "schedulerName", "default-scheduler");
    const auto limit = scheduler == "default-scheduler" ? 3 * grace : grace / 2;
    if (age(c.snapshot, time_at(pod, {"metadata", "creationTimestamp"})) < limit) return std::nullopt;
    Finding out = pod_finding(pod, "no-scheduler");
    out.summary = fmt::format("no scheduler has looked at the pod: does \"{}\" run?", printable(scheduler));
    out.evidence.push_back(
        fmt::format("spec.schedulerName is {}, and the pod has no PodScheduled condition", printable(scheduler)));
    out.remedy = "correct schedulerName in the pod template, or start that scheduler";
    out.command = "kubectl get pods -A | grep -i scheduler";
    return out;
}

// Why an autoscaler adds no node, of its words: "1 max node group size reached".
std::string refusal_in(const Event& event) {
    constexpr std::size_t most = 200;
    if (event.reason == "NotTriggerScaleUp") {
        const std::size_t colon = event.message.find(": ");
        return colon == std::string::npos ? "" : brief(event.message.substr(colon + 2), most);
    }
    if (event.source != "karpenter" || event.reason != "FailedScheduling") return {};
    // The last bracket sums up what stands in front of it with all amounts.
    const std::size_t open = event.message.rfind('('), from = event.message.find("no instance type");
    if (from == std::string::npos) return brief(event.message, most);
    const bool summed = open != std::string::npos && open > from && event.message.ends_with(')');
    return brief(summed ? event.message.substr(open + 1, event.message.size() - open - 2) : event.message.substr(from),
                 most);
}

// What an autoscaler says: that it adds a node for the pod, or why it does not.
void ask_autoscaler(const Case& c, const Json& pod, Finding& out) {
    std::string refusal;  // the last one
    for (const Event& event : c.history.of(pod)) {
        const bool adds = event.reason == "TriggeredScaleUp" || event.reason == "Nominated";
        const bool fails = event.reason == "FailedScaleUp";
        if (fails && age(c.snapshot, event.last) <= std::chrono::minutes(15)) {
            out.cause = "scale-up-failed";
            out.severity = Severity::error;
            out.summary = "the autoscaler could not add a node for the pod: " + brief(one_line(event.message), 200);
            out.remedy = "see the capacity and the quota of the cloud; allow another zone or type of machine";
        }
        if (!adds && !fails && event.reason != "NotTriggerScaleUp" && event.source != "karpenter") continue;
        out.evidence.push_back(event.reason + ": " + printable(event.message));
        if (const std::string why = refusal_in(event); !why.empty()) refusal = "; the autoscaler adds none: " + why;
        if (adds) refusal.clear();
        if (!adds || age(c.snapshot, event.last) > std::chrono::minutes(15)) continue;
        out.cause = "waiting-for-node";
        out.severity = Severity::warning;
        out.summary = "an autoscaler is adding a node for the pod";
        out.remedy = "wait some minutes; if no node comes, see the autoscaler's log and the cloud's capacity";
    }
    if (refusal.empty() || out.cause == "waiting-for-node" || out.cause == "scale-up-failed") return;
    out.summary += refusal;
    if (out.cause.starts_with("insufficient-"))
        out.remedy = "ask for what a node of the autoscaler's pools has, or change the pools; " + out.remedy;
}

}  // namespace

std::map<std::string, int> insufficient(std::string_view message) {
    std::map<std::string, int> out;
    constexpr std::string_view word = " Insufficient ";
    for (std::size_t at = message.find(word); at != std::string_view::npos; at = message.find(word, at + 1)) {
        const std::size_t begin = at + word.size(), end = message.find_first_of(", ", begin);
        std::string name(message.substr(begin, end - begin));
        while (name.ends_with('.')) name.pop_back();
        std::size_t digits = at;
        while (digits > 0 && message[digits - 1] >= '0' && message[digits - 1] <= '9') --digits;
        int count = 0;
        std::from_chars(message.data() + digits, message.data() + at, count);
        out[name] = count;
    }
    return out;
}

bool tells_of_placing(std::string_view reason) {
    static constexpr std::array<std::string_view, 5> reasons{"FailedScaleUp", "FailedScheduling", "Nominated",
                                                             "NotTriggerScaleUp", "TriggeredScaleUp"};
    return std::ranges::find(reasons, reason) != reasons.end();
}

std::optional<Finding> explain_scheduling(const Case& c, const Json& pod) {
    const Json& scheduled = condition_of(pod, "PodScheduled");
    if (string_or(scheduled, "reason") == "SchedulingGated" || !at_path(pod, {"spec", "schedulingGates"}).empty())
        return gated(c, pod);
    const std::string said = verdict(c, pod);
    if (said.empty()) {
        auto out = unclaimed(c, pod);
        return out ? out : unseen(c, pod);
    }
    const std::string message = said.substr(0, said.find(" preemption:"));
    const bool new_pod = age(c.snapshot, time_at(pod, {"metadata", "creationTimestamp"})) < grace;
    std::optional<Finding> out;
    if (const auto claim = c.symptoms.find(Source::unschedulable, "claim", message); claim) {
        if (!claim.row->soon && new_pod) return std::nullopt;
        if (claim.row->cause != "no-free-storage") out = explain_claims(c, pod);  // an unbound claim is no cause then
        if (!out) out = finding_of(claim, words_of(c, pod), weight::volume);
    }
    if (!out) {
        out = explain_placement(c, pod);
        if (out) out->weight = weight::placement;  // it outranks the gang that waits for such a pod
        // A node is not ready for the first second of its life, and a cordon or a pressure may pass.
        if (out && out->cause.starts_with("node-not-ready") && new_pod) return std::nullopt;
    }
    if (!out && new_pod) return std::nullopt;
    if (!out) out = by_message(c, pod, message);
    if (!out) {
        out = pod_finding(pod, "unschedulable");
        out->summary = "the scheduler finds no node for the pod";
        out->remedy = "compare what the pod asks for with what the nodes offer";
        out->command = fmt::format("kubectl describe pod {} -n {}", out->object.name, out->object.namespace_);
    }
    if (out->cause == "volume-zone") add_volume_places(c, pod, *out);
    if (out->object.name.empty()) out->object = ref_of(pod);
    if (!out->since) out->since = time_at(pod, {"metadata", "creationTimestamp"});
    out->evidence.insert(out->evidence.begin(), "scheduler: " + printable(said));
    if (!kube::pod_requests(at_path(pod, {"spec"})).empty()) out->evidence.push_back(asked(pod));
    ask_autoscaler(c, pod, *out);
    // A pod that has just come, and for which a node is on its way, waits for a moment only.
    const bool young = age(c.snapshot, time_at(pod, {"metadata", "creationTimestamp"})) < patience;
    return out->cause == "waiting-for-node" && young ? std::nullopt : out;
}

}  // namespace ktrain::advice
