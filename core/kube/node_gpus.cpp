// The accelerators of a cluster's nodes: what they have, what pods ask for, what is free.
#include "core/kube/node_gpus.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/base/quantity.h"
#include "core/kube/fields.h"
#include "core/kube/pod_resources.h"
#include "core/kube/resource.h"

namespace ktrain::kube {
namespace {

using Counts = std::map<std::string, std::int64_t>;  // by resource

std::int64_t count_of(const Json& amount) {
    if (amount.is_number_integer()) return amount.get<std::int64_t>();
    const auto parsed = amount.is_string() ? Quantity::parse(amount.get_ref<const std::string&>()) : std::nullopt;
    return parsed ? parsed->units_rounded_up() : 0;
}

Counts accelerators(const Json& amounts) {
    Counts out;
    for (const auto& [resource, amount] : amounts.items())
        if (is_accelerator(resource)) out[resource] = count_of(amount);
    return out;
}

Counts asked_by(const Json& pod) {
    Counts out;
    for (const auto& [resource, amount] : pod_requests(at_path(pod, {"spec"})))
        if (is_accelerator(resource)) out[resource] = amount.units_rounded_up();
    return out;
}

// The labels by which discovery daemons and clouds name the product of a node.
std::string product_of(const Json& node) {
    for (const char* key :
         {"nvidia.com/gpu.product", "cloud.google.com/gke-accelerator", "karpenter.k8s.aws/instance-gpu-name",
          "amd.com/gpu.product-name", "node.kubernetes.io/instance-type"})
        if (const std::string value = label_value(node, key); !value.empty()) return value;
    return "";
}

std::string status_of(const Json& node) {
    std::string out = condition(node, "Ready").is_null() ? "NotReady" : "Ready";
    if (at_path(node, {"spec", "unschedulable"}) == true) out += ",SchedulingDisabled";
    return out;
}

}  // namespace

bool is_accelerator(std::string_view resource) {
    for (const std::string_view word : {"/gpu", "/mig-", "/tpu", "/gaudi", "/neuron"})
        if (resource.find(word) != std::string_view::npos) return true;
    return false;
}

std::vector<NodeGpus> node_gpus(const std::vector<Json>& nodes, const std::vector<Json>& pods) {
    std::map<std::string, Counts> asked;  // by node
    for (const Json& pod : pods) {
        const std::string phase = string_or(at_path(pod, {"status"}), "phase");
        const std::string node = string_or(at_path(pod, {"spec"}), "nodeName");
        if (node.empty() || phase == "Succeeded" || phase == "Failed") continue;
        for (const auto& [resource, count] : asked_by(pod)) asked[node][resource] += count;
    }
    std::vector<NodeGpus> out;
    for (const Json& node : nodes) {
        const std::string name = meta(node, "name");
        for (const auto& [resource, count] : accelerators(at_path(node, {"status", "allocatable"})))
            if (count > 0 || asked[name][resource] > 0)
                out.push_back({name, product_of(node), resource, count, asked[name][resource], status_of(node)});
    }
    std::sort(out.begin(), out.end(), [](const NodeGpus& a, const NodeGpus& b) {
        return std::tie(a.product, a.resource, a.node) < std::tie(b.product, b.resource, b.node);
    });
    return out;
}

}  // namespace ktrain::kube
