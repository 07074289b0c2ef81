// Reads what is to be known of nodes: those that pods are on, what their kubelets say, and who has their devices.
#include <algorithm>

#include "core/advice/explain_placement.h"
#include "core/advice/failure.h"
#include "core/advice/gatherer.h"
#include "core/advice/history.h"
#include "core/kube/node_gpus.h"

namespace ktrain::advice {
namespace {

constexpr std::size_t max_nodes = 3;

// Whether the scheduler says that nodes lack a device of which others have it all.
bool lacks_accelerator(const Json& pod) {
    const auto lacking = insufficient(string_or(condition_of(pod, "PodScheduled"), "message"));
    return std::ranges::any_of(lacking, [](const auto& one) { return kube::is_accelerator(one.first); });
}

}  // namespace

// The nodes of pods that are not ready first: a lost node makes its pods so.
void Gatherer::read_nodes_of_pods() {
    if (out_.nodes || succeeded(out_.root)) return;
    std::vector<std::pair<bool, std::string>> names;
    for (const Json& pod : out_.pods) {
        const std::string node = string_or(at_path(pod, {"spec"}), "nodeName"), phase = phase_of(pod);
        if (node.empty() || phase == "Succeeded" || phase == "Failed") continue;
        names.emplace_back(string_or(condition_of(pod, "Ready"), "status") == "True", node);
    }
    // Of a job that has failed the pods may be gone, and their nodes as well.
    if (failed(out_.root) && out_.pods.empty())
        for (const Event& event : History(out_).of_gone_pods())
            if (const std::string node = assigned_node(event); !node.empty()) names.emplace_back(false, node);
    std::ranges::sort(names);
    std::vector<std::string> asked;
    out_.nodes.emplace();
    for (const auto& [ready, name] : names) {
        if (asked.size() == max_nodes || std::ranges::find(asked, name) != asked.end()) continue;
        asked.push_back(name);
        std::optional<Json> node;
        if (!may([&, name = name] { node = client_.find(built_in("Node"), "", name); })) continue;
        if (!node) {
            out_.absent_nodes.insert(name);
            continue;
        }
        give_kind(*node, built_in("Node"));
        out_.nodes->push_back(std::move(*node));
    }
}

// What the kubelet says of the node of a container that was killed for no known reason: that of the first one.
void Gatherer::read_node_events() {
    if (succeeded(out_.root)) return;
    for (const Failure& failure : failures(out_)) {
        const std::string node = string_or(at_path(*failure.pod, {"spec"}), "nodeName");
        if (!was_killed(failure) || node.empty()) continue;
        const kube::Selector of_node{"", "involvedObject.kind=Node,involvedObject.name=" + node};
        kube::Listing found;
        may([&] { found = client_.list(built_in("Event"), "default", of_node); });
        std::ranges::move(found.items, std::back_inserter(out_.events));
        return;
    }
}

// Who has the devices that a pod waits for, of the nodes that could take it. Many may not ask that, and need not know.
void Gatherer::read_neighbours() {
    if (!out_.all_nodes || succeeded(out_.root)) return;
    const auto waits = std::ranges::find_if(out_.pods, [](const Json& pod) {
        return phase_of(pod) == "Pending" && string_or(at_path(pod, {"spec"}), "nodeName").empty() &&
               lacks_accelerator(pod);
    });
    if (waits == out_.pods.end()) return;
    for (const Json* node : nodes_for(*waits, *out_.nodes)) {
        if (out_.neighbours.size() == max_nodes) return;
        const std::string name = kube::meta(*node, "name");
        const std::size_t told = out_.unread.size();
        kube::Listing found;
        const bool read = may([&] { found = client_.list(built_in("Pod"), "", {"", "spec.nodeName=" + name}); });
        out_.unread.resize(told);
        if (!read) return;
        out_.neighbours[name] = std::move(found.items);
    }
}

}  // namespace ktrain::advice
