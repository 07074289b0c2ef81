// Flavors, topologies and workloads of Kueue: what its webhooks and the rules of its CRDs say.
#include <set>

#include "core/base/api_names.h"
#include "core/lint/operators.h"

namespace ktrain::lint {
namespace {

constexpr const char* hostname = "kubernetes.io/hostname";

bool is_effect(std::string_view text) {
    return text == "NoSchedule" || text == "PreferNoSchedule" || text == "NoExecute";
}

void check_qualified(const Spot& name, std::string_view what, Findings& findings) {
    const std::string problem = name.text().empty() ? "" : qualified_name_problem(name.text());
    if (!problem.empty())
        findings.add("KT007", name.place(), std::string(what) + " " + shown(name.text()) + " " + problem);
}

void check_labels(const Spot& labels, Findings& findings) {
    for (const Spot& label : labels.members()) {
        const std::string key = yaml::key_text(*label.key);
        Place where = label.key_place();
        where.path = labels.path;  // as the server has it
        if (const std::string problem = qualified_name_problem(key); !problem.empty())
            findings.add("KT007", where, "the label " + shown(key) + " " + problem);
        where = label.place();
        where.path = labels.path;
        const std::string problem = label.is(yaml::Kind::string) ? label_value_problem(label.text()) : "";
        if (!problem.empty()) findings.add("KT007", where, "the label value " + shown(label.text()) + " " + problem);
    }
}

void check_taints(const Spot& taints, Findings& findings) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const Spot& taint : taints.items()) {
        const Spot effect = taint["effect"];
        if (effect.is(yaml::Kind::string) && !is_effect(effect.text()))
            refuse(findings, "KT006", effect.place(), taints, "there is no effect " + shown(effect.text()),
                   "write NoSchedule, PreferNoSchedule or NoExecute");
        check_qualified(taint["key"], "the key", findings);
        const std::string problem = label_value_problem(taint["value"].text());
        if (!problem.empty())
            findings.add("KT007", taint["value"].place(), "the value " + shown(taint["value"].text()) + " " + problem);
        if (!seen.emplace(taint["key"].text(), effect.text()).second)
            findings.add("KT018", taint.place(), "another taint has this key and this effect", "keep one of them");
    }
}

// One toleration; what is wrong with it, or nothing.
struct Wrong {
    Place where;
    std::string message;
    std::string fix;
};

std::optional<Wrong> problem_of(const Spot& one) {
    const Spot operation = one["operator"];
    const Spot effect = one["effect"];
    if (operation.is(yaml::Kind::string) && operation.text() != "Equal" && operation.text() != "Exists")
        return Wrong{operation.place(), "there is no operator " + shown(operation.text()), "write Equal or Exists"};
    if (effect.is(yaml::Kind::string) && !is_effect(effect.text()))
        return Wrong{effect.place(), "there is no effect " + shown(effect.text()),
                     "write NoSchedule, PreferNoSchedule or NoExecute"};
    if (!one["key"] && operation.text() != "Exists")
        return Wrong{one.place(), "a toleration without a key is for every taint, and needs operator Exists",
                     "add key, or write operator: Exists"};
    if (operation.text() == "Exists" && one["value"])
        return Wrong{one["value"].key_place(), "a toleration with the operator Exists has no value", "remove it"};
    if (one["tolerationSeconds"] && effect.text() != "NoExecute")
        return Wrong{one["tolerationSeconds"].key_place(), "tolerationSeconds is for the effect NoExecute",
                     "write effect: NoExecute, or remove it"};
    return {};
}

void check_tolerations(const Spot& list, Findings& findings) {
    forbid_null(list, "a toleration has a key, or the operator Exists", findings);
    for (const Spot& one : list.items()) {
        check_qualified(one["key"], "the key", findings);
        if (const auto wrong = problem_of(one))
            refuse(findings, "KT030", wrong->where, list, wrong->message, wrong->fix);
    }
}

void check_pod_set(const Spot& set, Findings& findings) {
    const Spot least = set["minCount"];
    const auto count = number_of(set["count"]).value_or(1);
    if (number_of(least).value_or(0) > count)
        refuse(findings, "KT030", least.place(), set,
               "minCount is " + std::to_string(*number_of(least)) + ", count is " + std::to_string(count),
               "write " + std::to_string(count) + " or less");
    const Spot request = set["topologyRequest"];
    if (request["podSetSliceRequiredTopology"] && !request["podSetSliceSize"])
        require(findings, request["podSetSliceSize"], "podSetSliceRequiredTopology is set");
    if (!request["podSetSliceRequiredTopology"])
        forbid(findings, request["podSetSliceSize"], "podSetSliceRequiredTopology is not set");
    for (const char* list : {"initContainers", "containers"}) {
        for (const Spot& container : set["template"]["spec"][list].items()) {
            for (const char* kind : {"requests", "limits"})
                forbid(findings, container["resources"][kind]["pods"], "Kueue counts pods by itself");
        }
    }
}

}  // namespace

void check_flavor(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Spot labels = spec["nodeLabels"];
    if (spec["topologyName"] && labels.members().empty())
        refuse(findings, "KT008", labels.place(), spec, "a flavor with a topology needs nodeLabels",
               "add nodeLabels, of the nodes that the topology is of");
    check_labels(labels, findings);
    check_taints(spec["nodeTaints"], findings);
    check_tolerations(spec["tolerations"], findings);
}

void check_topology(const Object& object, Findings& findings) {
    const Spot levels = object.root["spec"]["levels"];
    const std::vector<Spot> items = levels.items();
    std::set<std::string, std::less<>> seen;
    for (const Spot& level : items) {
        const Spot label = level["nodeLabel"];
        if (!seen.emplace(label.text()).second) {
            refuse(findings, "KT018", label.place(), levels, "another level is " + shown(label.text()),
                   "give each level its own label");
        } else if (label.text() == hostname && level.node != items.back().node) {
            refuse(findings, "KT030", label.place(), levels, "the level of nodes is the last", "move it to the end");
        }
    }
}

void check_multi_kueue_cluster(const Object& object, Findings& findings) {
    const Spot source = object.root["spec"]["clusterSource"];
    if (!source.is(yaml::Kind::mapping) ||
        static_cast<bool>(source["kubeConfig"]) != static_cast<bool>(source["clusterProfileRef"]))
        return;
    findings.add("KT030", source.key_place(), "clusterSource has one of kubeConfig and clusterProfileRef",
                 source["kubeConfig"] ? "keep one of them" : "add kubeConfig");
}

void check_multi_kueue_config(const Object& object, Findings& findings) {
    const Spot clusters = object.root["spec"]["clusters"];
    std::set<std::string, std::less<>> seen;
    for (const Spot& cluster : clusters.items()) {
        if (!seen.emplace(cluster.text()).second)
            refuse(findings, "KT018", cluster.place(), clusters,
                   "the cluster " + shown(cluster.text()) + " is twice there", "remove one of them");
    }
}

void check_kueue_workload(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    int partial = 0;
    for (const Spot& set : spec["podSets"].items()) {
        check_pod_set(set, findings);
        if (set["minCount"] && ++partial == 2)
            refuse(findings, "KT030", set["minCount"].key_place(), spec["podSets"], "two podSets have minCount",
                   "keep one of them");
    }
    const Spot reference = spec["priorityClassRef"];
    const Spot named = reference ? reference : spec["priorityClassName"];
    if (named && !spec["priority"])
        refuse(findings, "KT008", named.key_place(), spec,
               "the field 'priority' is missing: a class of priority is named", "add priority, the value of the class");
    const std::string_view group = reference["group"].text();
    const std::string_view wanted = group == "scheduling.k8s.io" ? "PriorityClass"
                                    : group == "kueue.x-k8s.io"  ? "WorkloadPriorityClass"
                                                                 : "";
    const Spot kind = reference["kind"];
    if (kind && !wanted.empty() && kind.text() != wanted)
        refuse(findings, "KT030", kind.place(), reference,
               shown(group) + " has no class of priority " + shown(kind.text()), "write kind: " + std::string(wanted));
}

}  // namespace ktrain::lint
