// Nodes that can never take a pod: by selector and affinity, by size, by taints.
#include "core/advice/explain_placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "core/advice/explain.h"
#include "core/advice/placement.h"
#include "core/base/text.h"
#include "core/kube/fields.h"
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

// What of the sum is not in the containers' own requests, and is easily overlooked.
void add_overlooked(const Json& pod, const std::string& name, const std::string& wanted, Finding& out) {
    const auto add = [&](const std::string& line) {
        out.summary += "; " + line;
        out.evidence.push_back(line);
    };
    for (const Json& container : at_path(pod, {"spec", "initContainers"})) {
        const Json& resources = at_path(container, {"resources"});
        for (const char* of : {"requests", "limits"})
            if (const auto own = kube::quantity_of(at_path(resources, {of, name})); own && own->text() == wanted)
                return add(fmt::format("the init container {} alone asks for that", string_or(container, "name")));
    }
    if (const auto overhead = kube::quantity_of(at_path(pod, {"spec", "overhead", name})))
        add(fmt::format("of it the RuntimeClass {} adds {}", string_or(at_path(pod, {"spec"}), "runtimeClassName"),
                        overhead->text()));
}

std::optional<Quantity> capacity_of(const Json& node, const std::string& name) {
    return kube::quantity_of(at_path(node, {"status", "capacity", name}));
}

// "node a has 7 nvidia.com/gpu in all", and how many of them are held back.
std::string stock_of(const Json& node, const std::string& name) {
    const Quantity offered = allocatable(node, name);
    std::string out = fmt::format("node {} has {} {} in all", kube::meta(node, "name"), offered.text(), name);
    const auto capacity = capacity_of(node, name);
    if (is_extended_resource(name) && capacity && *capacity > offered)
        out += fmt::format(", of a capacity of {}: the others are not healthy, or held back", capacity->text());
    return out;
}

// What nodes offer under the same domain: another size of a MIG, or what the name was meant to be.
std::string offered_like(const std::vector<const Json*>& nodes, const std::string& name) {
    const std::string domain = name.substr(0, name.find('/') + 1);
    std::set<std::string> out;
    for (const Json* node : nodes) {
        const Json& offered = at_path(*node, {"status", "allocatable"});
        if (domain.empty() || !offered.is_object()) continue;
        for (const auto& [other, amount] : offered.items())
            if (other.starts_with(domain) && other != name && allocatable(*node, other) > Quantity()) out.insert(other);
    }
    return join({out.begin(), out.end()}, ", ");
}

// What the pod asks for of a resource; of pods it is one.
std::string asked_of(const std::map<std::string, Quantity>& requests, const std::string& name) {
    const auto found = requests.find(name);
    return found == requests.end() ? "1" : found->second.text();
}

// Each amount is on some node, and no node has all: what those lack that have the devices.
Finding not_together(const Json& pod, const std::vector<const Json*>& nodes) {
    const auto requests = kube::pod_requests(at_path(pod, {"spec"}));
    const auto lacks_device = [&](const Json* node) {
        return std::ranges::any_of(too_small(requests, *node), is_extended_resource);
    };
    std::vector<const Json*> with_devices;
    std::ranges::copy_if(nodes, std::back_inserter(with_devices), std::not_fn(lacks_device));
    const std::string name = scarce(requests, with_devices.empty() ? nodes : with_devices);
    Quantity most;
    for (const Json* node : with_devices) most = std::max(most, allocatable(*node, name));
    const std::string wanted = asked_of(requests, name);
    Finding out = pod_finding(pod, cause_of_lack(name));
    out.summary = with_devices.empty()
                      ? fmt::format("Insufficient {}: no node has all that the pod asks for together", name)
                      : fmt::format(
                            "Insufficient {}: the pod asks for {}, and the nodes that have its devices have at "
                            "most {}",
                            name, wanted, most.text());
    for (const Json* node : nodes) {
        if (out.evidence.size() == 4) break;
        std::vector<std::string> lacks;
        for (const std::string& one : too_small(requests, *node))
            lacks.push_back(fmt::format("{} ({} of {})", one, allocatable(*node, one).text(), asked_of(requests, one)));
        out.evidence.push_back(fmt::format("node {} has too little {}", kube::meta(*node, "name"), join(lacks, ", ")));
    }
    out.remedy = with_devices.empty() ? "ask for less, or add nodes that have it all"
                                      : fmt::format(
                                            "ask for at most {} of {} beside these devices, or add nodes that "
                                            "have both",
                                            most.text(), name);
    out.command = "kubectl describe nodes | grep -A 8 Allocatable";
    return out;
}

Finding never_fits(const Json& pod, const std::vector<const Json*>& nodes) {
    const auto requests = kube::pod_requests(at_path(pod, {"spec"}));
    const std::string name = too_much(requests, nodes);
    Quantity most;
    for (const Json* node : nodes) most = std::max(most, allocatable(*node, name));
    const auto amount = requests.find(name);
    if (amount != requests.end() && most >= amount->second) return not_together(pod, nodes);
    const std::string wanted = asked_of(requests, name);
    Finding out = pod_finding(pod, cause_of_lack(name));
    const char* which = selection_of(pod).empty() ? "node" : "node that the pod selects";
    if (most == Quantity()) {
        out.summary = fmt::format("no {} offers {}, of which the pod asks for {}", which, name, wanted);
        if (const std::string like = offered_like(nodes, name); !like.empty()) out.summary += "; nodes offer " + like;
        const auto silent = std::ranges::find_if(
            nodes, [&](const Json* node) { return capacity_of(*node, name).value_or(Quantity()) > Quantity(); });
        if (silent != nodes.end())
            out.summary += fmt::format("; the node {} has {}, and its device plugin offers none of them",
                                       kube::meta(**silent, "name"), capacity_of(**silent, name)->text());
    } else {
        out.summary = fmt::format("Insufficient {}: the pod asks for {}, the largest {} has {}", name, wanted, which,
                                  most.text());
    }
    for (const Json* node : nodes) {
        if (out.evidence.size() == 4) break;
        out.evidence.push_back(stock_of(*node, name));
    }
    add_overlooked(pod, name, wanted, out);
    if (most == Quantity() && !is_extended_resource(name)) {
        out.remedy = fmt::format("ask for none of {}, or set it up on the nodes", name);
        out.command = "kubectl describe nodes | grep -A 8 Allocatable";
    } else if (most == Quantity()) {
        out.remedy = "add nodes with this device, or see why its device plugin does not run on them";
        out.command = "kubectl get daemonsets -A | grep -i -e device-plugin -e gpu";
    } else if (amount != requests.end() && std::ranges::any_of(nodes, [&](const Json* node) {
                   const auto capacity = capacity_of(*node, name);
                   return is_extended_resource(name) && capacity && *capacity >= amount->second;
               })) {
        out.remedy = fmt::format(
            "see why the device plugin offers fewer than the node has (a GPU that is not healthy), or "
            "ask for at most {} of {} a pod",
            most.text(), name);
        out.command = "kubectl describe nodes | grep -A 8 -e Capacity -e Allocatable";
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
        std::vector<std::string> names;
        for (const Json* one : nodes)
            if (names.size() < 3) names.push_back(kube::meta(*one, "name"));
        if (nodes.size() > names.size()) names.push_back(fmt::format("{} more", nodes.size() - names.size()));
        out.summary = fmt::format("the nodes that could take the pod are not well: {} ({})", what, join(names, ", "));
        out.remedy = "mend the node (its kubelet, disk, memory or network), or add another one";
        out.command = "kubectl describe node " + node;
    }
    return out;
}

}  // namespace

std::string cause_of_lack(const std::string& resource) {
    if (resource.find("gpu") != std::string::npos || resource.find("mig-") != std::string::npos)
        return "insufficient-gpu";
    if (resource == "pods") return "too-many-pods";
    return is_extended_resource(resource) ? "insufficient-device" : "insufficient-" + resource;
}

Finding pod_finding(const Json& pod, std::string cause) {
    Finding out;
    out.cause = std::move(cause);
    out.object = ref_of(pod);
    out.weight = weight::scheduling;
    out.since = time_at(pod, {"metadata", "creationTimestamp"});
    return out;
}

std::vector<const Json*> nodes_for(const Json& pod, const std::vector<Json>& nodes) {
    return sort_nodes(pod, nodes).candidates;
}

std::string kept_off_nodes(const Json& pod, const std::vector<Json>& nodes) {
    constexpr std::size_t most = 2;
    std::vector<std::string> out;
    for (const Json* node : sort_nodes(pod, nodes).large) {
        const auto against = untolerated(pod, *node);
        if (against.empty() || std::ranges::any_of(against, of_control_plane)) continue;
        const std::string name = kube::meta(*node, "name");
        const std::string& taint = against.front();
        out.push_back(taint.starts_with("node.kubernetes.io/unschedulable") ? fmt::format("node {} is cordoned", name)
                      : of_health(taint)
                          ? fmt::format("node {} is not well ({})", name,
                                        taint.substr(taint.find('/') + 1, taint.find(':') - taint.find('/') - 1))
                          : fmt::format("node {} has the taint {}", name, taint));
    }
    if (out.size() > most) out[most] = fmt::format("{} more are kept from it", out.size() - most), out.resize(most + 1);
    return join(out, ", ");
}

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

}  // namespace ktrain::advice
