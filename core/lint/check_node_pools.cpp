// KT023: what the rules of Karpenter's custom resources refuse of NodePools and NodeClaims.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/rule.h"
#include "core/lint/together.h"

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

void check_label(const std::string& label, const Place& where, Findings& findings) {
    const std::size_t slash = label.find('/');
    const std::string_view domain = std::string_view(label).substr(0, slash);
    const std::string_view name = slash == std::string::npos ? "" : std::string_view(label).substr(slash + 1);
    if (label == "karpenter.sh/nodepool" || label == "kubernetes.io/hostname") {
        findings.add("KT023", where, "the label " + shown(label) + " is Karpenter's own", "remove it");
    } else if (domain.ends_with("karpenter.sh") && label != "karpenter.sh/capacity-type") {
        findings.add("KT023", where, "Karpenter has no label " + shown(label),
                     "did you mean karpenter.sh/capacity-type?");
    } else if (domain.ends_with("karpenter.k8s.aws") &&
               !(domain == "karpenter.k8s.aws" && std::binary_search(aws_labels.begin(), aws_labels.end(), name))) {
        const std::string near = nearest(name, aws_labels);
        findings.add("KT023", where, "Karpenter has no label " + shown(label),
                     near.empty() ? "use one of the labels of its documentation"
                                  : "did you mean karpenter.k8s.aws/" + near + "?");
    }
}

bool compares(std::string_view operation) {
    return operation == "Gt" || operation == "Lt" || operation == "Gte" || operation == "Lte";
}

void check_requirement(const Spot& requirement, Findings& findings) {
    const Spot key = requirement["key"];
    if (!key.text().empty()) check_label(std::string(key.text()), key.place(), findings);
    const std::string_view operation = requirement["operator"].text();
    const Spot values = requirement["values"];
    const std::vector<Spot> items = values.items();
    if (operation == "In" && items.empty()) {
        findings.add("KT023", values.key_place(), "the operator In has no values", "list the values that are wanted");
    } else if (compares(operation)) {
        const std::string_view text = items.size() == 1 ? items.front().text() : std::string_view();
        if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
            findings.add("KT023", values.key_place(),
                         "the operator " + std::string(operation) + " takes one whole number, in quotes",
                         "write values: [\"NUMBER\"]");
    }
    const auto least = number_of(requirement["minValues"]);
    if (operation == "In" && least && !items.empty() && static_cast<std::int64_t>(items.size()) < *least)
        findings.add(
            "KT023", requirement["minValues"].place(),
            "minValues is " + std::to_string(*least) + ", and there are " + std::to_string(items.size()) + " values",
            "list more values, or write a smaller number");
}

void check_budgets(const Spot& disruption, Findings& findings) {
    for (const Spot& budget : disruption["budgets"].items()) {
        if (static_cast<bool>(budget["schedule"]) == static_cast<bool>(budget["duration"])) continue;
        const bool schedule = static_cast<bool>(budget["schedule"]);
        findings.add(
            "KT023", budget.place(),
            std::string("a budget with ") + (schedule ? "a schedule has no duration" : "a duration has no schedule"),
            "write both, or neither");
    }
}

// A pool of a fixed number of nodes.
void check_static(const Spot& spec, Findings& findings) {
    if (!spec["replicas"]) return;
    for (const Spot& limit : spec["limits"].members()) {
        if (yaml::key_text(*limit.key) == "nodes") continue;
        findings.add("KT023", limit.key_place(), "a NodePool with replicas takes no limits but nodes", "remove it");
        break;
    }
    if (spec["weight"])
        findings.add("KT023", spec["weight"].key_place(), "a NodePool with replicas takes no weight", "remove it");
}

}  // namespace

void check_node_pools(const Object& object, const Bundle&, Findings& findings) {
    const bool pool = object.kind == "NodePool";
    if (!object.schema || group_of(object.api_version) != "karpenter.sh" || !(pool || object.kind == "NodeClaim"))
        return;
    const Spot spec = object.root["spec"];
    const Spot claim = pool ? spec["template"]["spec"] : spec;
    for (const Spot& requirement : claim["requirements"].items()) check_requirement(requirement, findings);
    for (const char* field : {"group", "kind", "name"}) {
        const Spot part = claim["nodeClassRef"][field];
        if (part.is(yaml::Kind::string) && part.text().empty())
            findings.add("KT023", part.place(), std::string("nodeClassRef.") + field + " is empty",
                         "name the node class, such as group: karpenter.k8s.aws, kind: EC2NodeClass");
    }
    if (!pool) return;
    for (const Spot& label : spec["template"]["metadata"]["labels"].members())
        check_label(yaml::key_text(*label.key), label.key_place(), findings);
    check_budgets(spec["disruption"], findings);
    check_static(spec, findings);
}

}  // namespace ktrain::lint
