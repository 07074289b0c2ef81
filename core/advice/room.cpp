// Places the pods of a job on empty nodes by the scheduler's filters, group by group.
#include "core/advice/room.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/advice/placement.h"
#include "core/base/text.h"
#include "core/kube/pod_resources.h"

namespace ktrain::advice {
namespace {

using kube::Amounts;

// What is left of a node.
struct Place {
    const Json* node;
    std::map<std::string, double> left = {};  // of what was taken
};

double left_of(const Place& place, const std::string& resource) {
    const auto found = place.left.find(resource);
    return found != place.left.end() ? found->second : allocatable(*place.node, resource).approximately();
}

// As many of these pods as the place takes, `most` at most; they are put there.
std::int64_t take(Place& place, const Amounts& requests, std::int64_t most) {
    std::int64_t count = most;
    for (const auto& [resource, amount] : requests)
        count = std::min(
            count, static_cast<std::int64_t>(std::floor(left_of(place, resource) / amount.approximately() + 1e-9)));
    for (const auto& [resource, amount] : requests)
        place.left[resource] = left_of(place, resource) - amount.approximately() * static_cast<double>(count);
    return count;
}

// No node at all could take one of them.
Shortage nowhere(const PodShare& share, const std::vector<Json>& nodes, const std::string& flags) {
    const std::vector<std::string> missing = missing_labels(share.pod, nodes);
    if (!missing.empty())
        return {fmt::format("the pods need a node with {}", printable(join(missing, " and "))),
                "ask for what the nodes have in nodeSelector and affinity: kubectl get nodes --show-labels" + flags};
    std::vector<const Json*> chosen;
    for (const Json& node : nodes)
        if (selected(share.pod, node)) chosen.push_back(&node);
    if (chosen.empty())
        return {fmt::format("no node has all of {}", printable(join(selection_of(share.pod), ", "))),
                "ask for what one kind of node has together: kubectl get nodes --show-labels" + flags};
    const Amounts requests = kube::pod_requests(at_path(share.pod, {"spec"}));
    for (const auto& [resource, amount] : requests) {
        Quantity largest;
        for (const Json* node : chosen) largest = std::max(largest, allocatable(*node, resource));
        if (largest >= amount) continue;
        if (largest == Quantity())
            return {
                fmt::format("a pod asks for {} {}, which no node that it may use offers", amount.text(),
                            printable(resource)),
                fmt::format("ask for what the nodes have: ktrain top{}; or install the device plugin that offers it",
                            flags)};
        return {fmt::format("a pod asks for {} {}, and the largest node that it may use has {}", amount.text(),
                            printable(resource), largest.text()),
                "ask for less in each of more pods"};
    }
    std::set<std::string> taints;
    for (const Json* node : chosen)
        for (const std::string& taint : untolerated(share.pod, *node)) taints.insert(taint);
    if (!taints.empty())
        return {fmt::format("every node that the pods may use has a taint that they do not tolerate: {}",
                            printable(join({taints.begin(), taints.end()}, ", "))),
                "add the toleration to the pod, or choose other nodes"};
    return {"no single node has all that a pod asks for", "ask for less in each pod"};
}

}  // namespace

std::optional<Shortage> lacks_room(const std::vector<PodShare>& shares, const std::vector<Json>& nodes,
                                   const std::string& flags) {
    if (nodes.empty()) return Shortage{"the cluster has no node", "add nodes, or wait for the autoscaler to"};
    std::vector<Place> places;
    for (const Json& node : nodes) places.push_back({&node});
    for (const PodShare& share : shares) {
        const Amounts requests = kube::pod_requests(at_path(share.pod, {"spec"}));
        std::int64_t placed = 0;
        bool any = false;
        for (Place& place : places) {
            if (!selected(share.pod, *place.node) || !untolerated(share.pod, *place.node).empty() ||
                !too_small(requests, *place.node).empty())
                continue;
            any = true;
            if (placed < share.count) placed += take(place, requests, share.count - placed);
        }
        if (!any) return nowhere(share, nodes, flags);
        if (placed < share.count)
            return Shortage{
                fmt::format("the nodes that the pods may use have room for {} of {} of them, even when {}", placed,
                            share.count, &share == &shares.front() ? "empty" : "only pods of this job are on them"),
                "use fewer pods or smaller ones, or add nodes"};
    }
    return std::nullopt;
}

}  // namespace ktrain::advice
