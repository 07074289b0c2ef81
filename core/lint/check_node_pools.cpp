// KT023: what the rules of Karpenter's custom resources refuse of NodePools, NodeClaims and what stands beside them.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/text.h"
#include "core/lint/check_karpenter.h"

namespace ktrain::lint {
namespace {

// Labels of karpenter.k8s.aws that may be asked for (karpenter-provider-aws 1.14, pkg/apis/crds).
constexpr std::array<std::string_view, 28> aws_labels{
    "capacity-reservation-id",
    "capacity-reservation-interruptible",
    "capacity-reservation-type",
    "ec2nodeclass",
    "instance-accelerator-count",
    "instance-accelerator-manufacturer",
    "instance-accelerator-name",
    "instance-capability-flex",
    "instance-category",
    "instance-cpu",
    "instance-cpu-manufacturer",
    "instance-cpu-sustained-clock-speed-mhz",
    "instance-ebs-bandwidth",
    "instance-encryption-in-transit-supported",
    "instance-family",
    "instance-generation",
    "instance-gpu-count",
    "instance-gpu-manufacturer",
    "instance-gpu-memory",
    "instance-gpu-name",
    "instance-hypervisor",
    "instance-local-nvme",
    "instance-memory",
    "instance-network-bandwidth",
    "instance-size",
    "instance-tenancy",
    "placement-group-id",
    "placement-group-partition",
};
static_assert(std::is_sorted(aws_labels.begin(), aws_labels.end()));

constexpr std::array<std::string_view, 6> not_of_overlays{
    "capacity-reservation-id", "capacity-reservation-interruptible", "capacity-reservation-type", "instance-tenancy",
    "placement-group-id",      "placement-group-partition"};
static_assert(std::ranges::is_sorted(not_of_overlays));

// Of another kind each has other labels that Karpenter keeps for itself.
enum class On { pool, claim, overlay };

void check_label(const std::string& label, On on, const Place& where, const Spot& owner, Findings& findings) {
    const std::size_t slash = label.find('/');
    const std::string_view domain = std::string_view(label).substr(0, slash);
    const std::string_view name = slash == std::string::npos ? "" : std::string_view(label).substr(slash + 1);
    if (label == "kubernetes.io/hostname" || (label == "karpenter.sh/nodepool" && on == On::pool)) {
        refuse(findings, where, owner, "the label " + shown(label) + " is Karpenter's own", "remove it");
    } else if (domain.ends_with("karpenter.sh") && label != "karpenter.sh/capacity-type" &&
               label != "karpenter.sh/nodepool") {
        refuse(findings, where, owner, "Karpenter has no label " + shown(label),
               "did you mean karpenter.sh/capacity-type?");
    } else if (domain.ends_with("karpenter.k8s.aws") &&
               !(domain == "karpenter.k8s.aws" && std::binary_search(aws_labels.begin(), aws_labels.end(), name) &&
                 (on != On::overlay || !std::ranges::binary_search(not_of_overlays, name)))) {
        const std::string near = nearest(name, aws_labels);
        refuse(findings, where, owner, "Karpenter has no label " + shown(label),
               near.empty() || near == name ? "use one of the labels of its documentation"
                                            : "did you mean karpenter.k8s.aws/" + near + "?");
    }
}

bool compares(std::string_view operation) {
    return operation == "Gt" || operation == "Lt" || operation == "Gte" || operation == "Lte";
}

// As int() of CEL reads it.
bool is_natural(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() && end == text.data() + text.size() && number >= 0;
}

void check_requirement(const Spot& requirement, On on, const Spot& list, Findings& findings) {
    const Spot key = requirement["key"];
    if (!key.text().empty()) check_label(std::string(key.text()), on, key.place(), key, findings);
    const std::string_view operation = requirement["operator"].text();
    const Spot values = requirement["values"];
    const std::vector<Spot> items = values.items();
    if (items.empty() && (operation == "In" || (operation == "NotIn" && on == On::overlay))) {
        refuse(findings, values.key_place(), list, "the operator " + std::string(operation) + " has no values",
               "list the values that are meant");
    } else if (compares(operation) && (items.size() != 1 || !is_natural(items.front().text()))) {
        refuse(findings, values.key_place(), list,
               "the operator " + std::string(operation) + " takes one whole number, in quotes",
               "write values: [\"NUMBER\"]");
    }
    const auto least = number_of(requirement["minValues"]);
    if (on != On::overlay && operation == "In" && least && !items.empty() &&
        static_cast<std::int64_t>(items.size()) < *least)
        refuse(findings, requirement["minValues"].place(), list,
               "minValues is " + std::to_string(*least) + ", and there are " + std::to_string(items.size()) + " values",
               "list more values, or write a smaller number");
}

void check_budgets(const Spot& disruption, Findings& findings) {
    for (const Spot& budget : disruption["budgets"].items()) {
        if (static_cast<bool>(budget["schedule"]) == static_cast<bool>(budget["duration"])) continue;
        const bool schedule = static_cast<bool>(budget["schedule"]);
        refuse(findings, budget.place(), disruption["budgets"],
               std::string("a budget with ") + (schedule ? "a schedule has no duration" : "a duration has no schedule"),
               "write both, or neither");
    }
}

// A pool of a fixed number of nodes.
void check_static(const Spot& spec, Findings& findings) {
    if (!spec["replicas"]) return;
    for (const Spot& limit : spec["limits"].members()) {
        if (yaml::key_text(*limit.key) == "nodes") continue;
        refuse(findings, limit.key_place(), spec, "a NodePool with replicas takes no limits but nodes", "remove it");
        break;
    }
    if (spec["weight"])
        refuse(findings, spec["weight"].key_place(), spec, "a NodePool with replicas takes no weight", "remove it");
}

void check_claim_spec(const Spot& claim, On on, Findings& findings) {
    const Spot list = claim["requirements"];
    for (const Spot& requirement : list.items()) check_requirement(requirement, on, list, findings);
    for (const char* field : {"group", "kind", "name"}) {
        const Spot part = claim["nodeClassRef"][field];
        if (part.is(yaml::Kind::string) && part.text().empty())
            refuse(findings, part.place(), part, std::string("nodeClassRef.") + field + " is empty",
                   "name the node class, such as group: karpenter.k8s.aws, kind: EC2NodeClass");
    }
}

void check_pool(const Spot& spec, Findings& findings) {
    check_claim_spec(spec["template"]["spec"], On::pool, findings);
    const Spot labels = spec["template"]["metadata"]["labels"];
    for (const Spot& label : labels.members())
        check_label(yaml::key_text(*label.key), On::pool, label.key_place(), labels, findings);
    check_budgets(spec["disruption"], findings);
    check_static(spec, findings);
}

void check_claim(const Spot& spec, Findings& findings) {
    check_claim_spec(spec, On::claim, findings);
}

void check_overlay(const Spot& spec, Findings& findings) {
    check_claim_spec(spec, On::overlay, findings);
    if (spec["price"] && spec["priceAdjustment"])
        refuse(findings, spec["priceAdjustment"].key_place(), spec, "price and priceAdjustment exclude each other",
               "keep one of them");
    const Spot capacity = spec["capacity"];
    for (const Spot& amount : capacity.members()) {
        const std::string key = yaml::key_text(*amount.key);
        if (key != "cpu" && key != "memory" && key != "ephemeral-storage" && key != "pods") continue;
        refuse(findings, amount.key_place(), capacity, "a NodeOverlay does not change how much " + key + " a node has",
               "remove it");
        break;
    }
}

void check_buffer(const Spot& spec, Findings& findings) {
    const Spot pods = spec["podTemplateRef"];
    if (!pods) return;
    if (spec["scalableRef"])
        refuse(findings, pods.key_place(), spec, "podTemplateRef and scalableRef exclude each other",
               "keep one of them");
    if (!spec["replicas"] && !spec["limits"])
        refuse(findings, pods.key_place(), spec, "podTemplateRef needs replicas or limits", "add replicas");
}

struct Row {
    std::string_view kind;
    std::string_view group;
    void (*check)(const Spot& spec, Findings& findings);
};

constexpr std::array kinds{
    Row{"CapacityBuffer", "autoscaling.x-k8s.io", check_buffer},
    Row{"EC2NodeClass", "karpenter.k8s.aws", check_node_class},
    Row{"NodeClaim", "karpenter.sh", check_claim},
    Row{"NodeOverlay", "karpenter.sh", check_overlay},
    Row{"NodePool", "karpenter.sh", check_pool},
};
static_assert(std::ranges::is_sorted(kinds, {}, &Row::kind));

}  // namespace

void check_node_pools(const Object& object, const Bundle&, Findings& findings) {
    if (!object.schema) return;
    const auto row = std::ranges::lower_bound(kinds, object.kind, {}, &Row::kind);
    if (row != kinds.end() && row->kind == object.kind && row->group == group_of(object.api_version))
        row->check(object.root["spec"], findings);
}

}  // namespace ktrain::lint
