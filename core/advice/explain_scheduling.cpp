// Why a pod has no node: the scheduler's message taken apart, and checked against what the nodes are.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/advice/explain.h"
#include "core/advice/placement.h"
#include "core/base/text.h"
#include "core/kube/pod_resources.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

// Taints of a node that is not well: they come and go by themselves.
bool of_health(const std::string& taint) {
    return taint.starts_with("node.kubernetes.io/");
}

bool of_control_plane(const std::string& taint) {
    return taint.starts_with("node-role.kubernetes.io/");
}

std::string cause_of(const std::string& resource) {
    if (resource.find("gpu") != std::string::npos || resource.find("mig-") != std::string::npos)
        return "insufficient-gpu";
    if (resource == "pods") return "too-many-pods";
    return is_extended_resource(resource) ? "insufficient-device" : "insufficient-" + resource;
}

// The nodes of a cluster by what keeps a pod from them for ever.
struct Sorted {
    std::vector<const Json*> selected;    // by selector and affinity
    std::vector<const Json*> large;       // of those, with enough of everything
    std::vector<const Json*> candidates;  // of those, without a taint against the pod
};

Sorted sort_nodes(const Json& pod, const std::vector<Json>& nodes) {
    Sorted out;
    const auto requests = kube::pod_requests(at_path(pod, {"spec"}));
    for (const Json& node : nodes) {
        if (!selected(pod, node)) continue;
        out.selected.push_back(&node);
        if (!too_small(requests, node).empty()) continue;
        out.large.push_back(&node);
        if (untolerated(pod, node).empty()) out.candidates.push_back(&node);
    }
    return out;
}

std::string asked(const Json& pod) {
    std::vector<std::string> parts;
    for (const auto& [name, amount] : kube::pod_requests(at_path(pod, {"spec"})))
        parts.push_back(name + "=" + amount.text());
    return "the pod asks for " + join(parts, ", ");
}

Finding pod_finding(const Json& pod, std::string cause) {
    Finding out;
    out.cause = std::move(cause);
    out.object = ref_of(pod);
    out.weight = weight::scheduling;
    out.since = time_at(pod, {"metadata", "creationTimestamp"});
    return out;
}

Finding wrong_selection(const Json& pod, const std::vector<Json>& nodes) {
    const bool affinity = at_path(pod, {"spec", "nodeSelector"}).empty();
    Finding out = pod_finding(pod, affinity ? "node-affinity" : "node-selector");
    out.summary = fmt::format("no node matches the pod's node {}: {}", affinity ? "affinity" : "selector",
                              join(selection_of(pod), ", "));
    for (const std::string& label : missing_labels(pod, nodes)) out.evidence.push_back("no node has " + label);
    if (out.evidence.empty()) out.evidence.push_back("each label exists, but no node has all of them");
    out.remedy = fmt::format("ask for labels that nodes have (spec.template.spec.{}), or label a node",
                             affinity ? "affinity.nodeAffinity" : "nodeSelector");
    out.command = "kubectl get nodes --show-labels";
    return out;
}

// The resource of which the nodes lack most often; an accelerator before others.
std::string scarce(const std::map<std::string, Quantity>& requests, const std::vector<const Json*>& nodes) {
    std::map<std::string, std::size_t> counts;
    for (const Json* node : nodes)
        for (const std::string& name : too_small(requests, *node)) ++counts[name];
    std::string best;
    const auto key = [&](const std::string& name) { return std::make_pair(counts[name], is_extended_resource(name)); };
    for (const auto& [name, count] : counts)
        if (best.empty() || key(best) < key(name)) best = name;
    return best;
}

// Nodes too small for one resource though large enough for it elsewhere would hide the other: a resource that no node
// has enough of comes first.
std::string too_much(const std::map<std::string, Quantity>& requests, const std::vector<const Json*>& nodes) {
    for (const bool accelerators : {true, false}) {
        for (const auto& [name, amount] : requests) {
            if (is_extended_resource(name) != accelerators) continue;
            if (std::ranges::all_of(nodes, [&, name = name, amount = amount](const Json* node) {
                    return allocatable(*node, name) < amount;
                }))
                return name;
        }
    }
    return scarce(requests, nodes);
}

Finding never_fits(const Json& pod, const std::vector<const Json*>& nodes) {
    const auto requests = kube::pod_requests(at_path(pod, {"spec"}));
    const std::string name = too_much(requests, nodes);
    Quantity most;
    for (const Json* node : nodes) most = std::max(most, allocatable(*node, name));
    const auto amount = requests.find(name);
    const std::string wanted = amount == requests.end() ? "1" : amount->second.text();
    Finding out = pod_finding(pod, cause_of(name));
    const char* which = selection_of(pod).empty() ? "node" : "node that the pod selects";
    if (most == Quantity()) {
        out.summary = fmt::format("no {} offers {}, of which the pod asks for {}", which, name, wanted);
    } else {
        out.summary = fmt::format("Insufficient {}: the pod asks for {}, the largest {} has {}", name, wanted, which,
                                  most.text());
    }
    for (const Json* node : nodes) {
        if (out.evidence.size() == 4) break;
        out.evidence.push_back(
            fmt::format("node {} has {} {} in all", kube::meta(*node, "name"), allocatable(*node, name).text(), name));
    }
    if (most == Quantity() && is_extended_resource(name)) {
        out.remedy = "add nodes with this device, or see why its device plugin does not run on them";
        out.command = "kubectl get daemonsets -A | grep -i -e device-plugin -e gpu";
    } else {
        out.remedy = fmt::format("ask for at most {} of {} a pod, or add larger nodes", most.text(), name);
        out.command = "kubectl describe nodes | grep -A 8 Allocatable";
    }
    return out;
}

Finding kept_off(const Json& pod, const std::vector<const Json*>& nodes) {
    std::set<std::string> taints;
    std::vector<std::string> lines;
    for (const Json* node : nodes) {
        const auto against = untolerated(pod, *node);
        for (const std::string& taint : against)
            if (!of_control_plane(taint)) taints.insert(taint);
        if (lines.size() < 4)
            lines.push_back(fmt::format("node {} has the taint {}", kube::meta(*node, "name"), join(against, ", ")));
    }
    // Of nodes with different taints: what a person set can be tolerated, ill health must be mended.
    std::string taint = taints.empty() ? "node-role.kubernetes.io/control-plane:NoSchedule" : *taints.begin();
    for (const std::string& one : taints)
        if (!of_health(one)) taint = one;
    const std::string key = taint.substr(0, taint.find_first_of("=:"));
    Finding out = pod_finding(pod, "untolerated-taint");
    out.evidence = lines;
    out.summary = fmt::format("the pod does not tolerate the taint {} of the nodes that could take it", taint);
    out.remedy = fmt::format("add a toleration for {} to the pod template, or remove the taint", key);
    out.command = "kubectl describe nodes | grep -A 3 Taints";
    if (!of_health(taint)) return out;
    const std::string what = key.substr(key.find('/') + 1);
    const std::string node = kube::meta(*nodes.front(), "name");
    if (what == "unschedulable") {
        out.cause = "node-cordoned";
        out.summary = "the nodes that could take the pod are cordoned (unschedulable)";
        out.remedy = "make a node schedulable again when its maintenance is over";
        out.command = "kubectl uncordon " + node;
    } else {
        out.cause = what == "not-ready" || what == "unreachable" ? "node-not-ready" : "node-" + what;
        out.summary = fmt::format("the nodes that could take the pod are not well: {}", what);
        out.remedy = "mend the node (its kubelet, disk, memory or network), or add another one";
        out.command = "kubectl describe node " + node;
    }
    return out;
}

// "2 Insufficient cpu" in the scheduler's message: resource and number of nodes.
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

// Room that others have taken, on nodes that would be large enough.
std::optional<Finding> not_now(const Case& c, const Json& pod, const std::string& message) {
    const auto lacking = insufficient(message);
    const auto requests = kube::pod_requests(at_path(pod, {"spec"}));
    const std::pair<const std::string, int>* best = nullptr;
    const auto key = [](const auto& one) { return std::make_pair(is_extended_resource(one.first), one.second); };
    for (const auto& one : lacking)
        if (best == nullptr || key(*best) < key(one)) best = &one;
    if (best == nullptr) return std::nullopt;
    Finding out = pod_finding(pod, cause_of(best->first));
    out.severity = Severity::warning;
    const auto amount = requests.find(best->first);
    const std::string wanted = amount == requests.end() ? "some" : amount->second.text();
    out.summary =
        fmt::format("Insufficient {}: the pod asks for {}, and no node has that much free now", best->first, wanted);
    out.remedy = "wait until other pods end, stop some of them, or ask for less";
    out.command = "kubectl describe nodes | grep -A 10 'Allocated resources'";
    if (!c.snapshot.all_nodes) return out;
    const auto nodes = sort_nodes(pod, *c.snapshot.nodes);
    for (const Json* node : nodes.candidates) {
        if (out.evidence.size() == 4) break;
        out.evidence.push_back(fmt::format("node {} has {} {} in all, too few of them free", kube::meta(*node, "name"),
                                           allocatable(*node, best->first).text(), best->first));
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

// What an autoscaler says: that it adds a node for the pod, or why it does not.
void ask_autoscaler(const Case& c, const Json& pod, Finding& out) {
    for (const Event& event : c.history.of(pod)) {
        const bool adds = event.reason == "TriggeredScaleUp" || event.reason == "Nominated";
        if (!adds && event.reason != "NotTriggerScaleUp" && event.source != "karpenter") continue;
        out.evidence.push_back(event.reason + ": " + printable(event.message));
        if (!adds || age(c.snapshot, event.last) > std::chrono::minutes(15)) continue;
        out.cause = "waiting-for-node";
        out.severity = Severity::warning;
        out.summary = "an autoscaler is adding a node for the pod";
        out.remedy = "wait some minutes; if no node comes, see the autoscaler's log and the cloud's capacity";
    }
}

}  // namespace

std::optional<Finding> explain_placement(const Case& c, const Json& pod) {
    if (!c.snapshot.all_nodes || !c.snapshot.nodes) return std::nullopt;
    const std::vector<Json>& nodes = *c.snapshot.nodes;
    if (nodes.empty()) {
        Finding out = pod_finding(pod, "no-nodes");
        out.summary = "the cluster has no nodes";
        out.remedy = "add a node, or let the autoscaler do it";
        out.command = "kubectl get nodes";
        return out;
    }
    const Sorted sorted = sort_nodes(pod, nodes);
    if (!sorted.candidates.empty()) return std::nullopt;
    if (sorted.selected.empty()) return wrong_selection(pod, nodes);
    if (!sorted.large.empty()) return kept_off(pod, sorted.large);
    // The nodes of the control plane are not for it.
    std::vector<const Json*> open;
    for (const Json* node : sorted.selected)
        if (std::ranges::none_of(untolerated(pod, *node), of_control_plane)) open.push_back(node);
    return never_fits(pod, open.empty() ? sorted.selected : open);
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
    if (out->object.name.empty()) out->object = ref_of(pod);
    if (!out->since) out->since = time_at(pod, {"metadata", "creationTimestamp"});
    out->evidence.insert(out->evidence.begin(), "scheduler: " + printable(said));
    if (!kube::pod_requests(at_path(pod, {"spec"})).empty()) out->evidence.push_back(asked(pod));
    ask_autoscaler(c, pod, *out);
    return out;
}

}  // namespace ktrain::advice
