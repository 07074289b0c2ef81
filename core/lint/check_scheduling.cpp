// KT024: tolerations, affinity and the spread over nodes.
#include <algorithm>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT024";

void check_toleration(const Pod& pod, Value toleration) {
    const Value operation = toleration["operator"];
    const Value value = toleration["value"];
    const std::string_view word = operation.text();
    const bool equal = word.empty() || word == "Equal";
    if (toleration["key"].text().empty() && word != "Exists" && toleration.is(yaml::Kind::mapping)) {
        const std::string text = "a toleration without key needs the operator Exists";
        operation ? pod.report.at(rule, operation, text, "add a key, or write operator: Exists")
                  : pod.report.missing(rule, toleration, "operator", text, "add a key, or operator: Exists");
    }
    if (toleration["tolerationSeconds"] && toleration["effect"].text() != "NoExecute") {
        const std::string text = "tolerationSeconds goes with the effect NoExecute alone";
        const Value effect = toleration["effect"];
        effect ? pod.report.at(rule, effect, text, "write effect: NoExecute, or remove tolerationSeconds")
               : pod.report.missing(rule, toleration, "effect", text,
                                    "add effect: NoExecute, or remove tolerationSeconds");
    }
    if (word == "Exists" && !value.text().empty())
        pod.report.at(rule, operation, "the operator Exists takes no value, got " + shown(value.text()),
                      "remove the value, or write operator: Equal", {remove_value(pod.report.path(value))});
    const std::string problem = equal ? label_value_problem(value.text()) : "";
    if (problem.empty()) return;
    const std::string text = "the value " + shown(value.text()) + " " + problem;
    operation ? pod.report.within(rule, value, operation, text, "write a value that a taint can have")
              : pod.report.at(rule, value, text, "write a value that a taint can have");
}

// `strict`: the values must be ones that labels can have.
void check_node_requirement(const Pod& pod, Value requirement, bool strict) {
    const std::string_view operation = requirement["operator"].text();
    const Value values = requirement["values"];
    const std::size_t count = values.items().size();
    const bool one = operation == "Gt" || operation == "Lt";
    if ((requirement["operator"].one_of({"In", "NotIn"}) && count == 0) || (one && count != 1)) {
        const std::string text =
            "the operator " + std::string(operation) + (one ? " needs one value" : " needs values");
        values ? pod.report.at_key(rule, values, text, "write them as a list")
               : pod.report.missing(rule, requirement, "values", text, "add a list of values");
    }
    if (requirement["operator"].one_of({"Exists", "DoesNotExist"}) && count > 0)
        pod.report.at_key(rule, values, "the operator " + std::string(operation) + " takes no values", "remove them");
    if (!strict) return;
    for (const yaml::Node& item : values.items()) {
        const std::string problem = label_value_problem(Value(item).text());
        if (!problem.empty())
            pod.report.at(rule, item, "the label value " + shown(Value(item).text()) + " " + problem,
                          "write a value that a label can have");
    }
}

void check_node_field(const Pod& pod, Value requirement) {
    const Value operation = requirement["operator"];
    const Value values = requirement["values"];
    if (operation.one_of({"In", "NotIn"}) && values.items().size() != 1) {
        const std::string text = "matchFields needs one value, got " + std::to_string(values.items().size());
        values ? pod.report.at_key(rule, values, text, "write the name of one node")
               : pod.report.missing(rule, requirement, "values", text, "add the name of one node");
    }
    if (operation.one_of({"Exists", "DoesNotExist", "Gt", "Lt"}))
        pod.report.at(rule, operation, "matchFields has the operators In and NotIn, got " + shown(operation.text()),
                      "write In or NotIn");
    const Value key = requirement["key"];
    if (key && key.text() != "metadata.name")
        return pod.report.at(rule, key, "matchFields knows metadata.name alone, got " + shown(key.text()),
                             "write metadata.name, or use matchExpressions");
    for (const yaml::Node& item : values.items()) {
        const std::string problem = dns_subdomain_problem(Value(item).text());  // null is the empty text
        const std::string text = "the node name " + shown(Value(item).text()) + " " + problem;
        if (!problem.empty() && item.kind == yaml::Kind::null) pod.report.at_key(rule, values, text, "name a node");
        if (!problem.empty() && Value(item)) pod.report.at(rule, item, text, "name a node");
    }
}

void check_node_term(const Pod& pod, Value term, bool strict) {
    for (const yaml::Node& node : term["matchExpressions"].items()) check_node_requirement(pod, node, strict);
    for (const yaml::Node& node : term["matchFields"].items()) check_node_field(pod, node);
}

bool in_list(Value list, std::string_view text) {
    return std::any_of(list.items().begin(), list.items().end(),
                       [&](const yaml::Node& item) { return Value(item).text() == text; });
}

// Pods are given the labels that matchLabelKeys names, as requirements beside those of the selector.
void check_label_keys(const Pod& pod, Value owner) {
    const Value selector = owner["labelSelector"];
    const Value keys = owner["matchLabelKeys"];
    for (const char* field : {"matchLabelKeys", "mismatchLabelKeys"}) {
        if (!selector && !owner[field].items().empty())
            pod.report.at_key(rule, owner[field], std::string(field) + " needs a labelSelector", "add labelSelector");
        for (const yaml::Node& item : owner[field].items()) {
            const std::string problem = qualified_name_problem(Value(item).text());
            if (!problem.empty() && !Value(item).text().empty())  // which is KT006
                pod.report.at(rule, item, "the label key " + shown(Value(item).text()) + " " + problem,
                              "write another key");
        }
    }
    for (const yaml::Node& item : keys.items()) {
        const std::string_view key = Value(item).text();
        if (key.empty()) continue;
        if (in_list(owner["mismatchLabelKeys"], key))
            pod.report.at(rule, item, shown(key) + " is in matchLabelKeys and in mismatchLabelKeys",
                          "keep one of the two");
        std::size_t uses = selector["matchLabels"][key] ? 1 : 0;
        std::size_t expressions = 0;
        for (const yaml::Node& node : selector["matchExpressions"].items())
            expressions += Value(node)["key"].text() == key ? 1 : 0;
        uses += expressions;
        // A key that is twice in the list makes two requirements.
        std::size_t copies = 0;
        for (const yaml::Node& other : keys.items()) copies += Value(other).text() == key ? 1 : 0;
        const bool merged = pod.is_pod && pod.metadata["labels"][key];
        const bool clash = merged ? uses > 0 || copies > 1 : expressions > 0 && uses > 1;
        if (clash)
            pod.report.within(rule, item, owner,
                              shown(key) + " is in matchLabelKeys, and once more there or in labelSelector",
                              "keep one of the two");
    }
}

void check_pod_term(const Pod& pod, Value term) {
    check_label_selector(pod.report, term["labelSelector"]);
    check_label_selector(pod.report, term["namespaceSelector"]);
    check_label_keys(pod, term);
}

constexpr const char* required = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred = "preferredDuringSchedulingIgnoredDuringExecution";

void check_affinity(const Pod& pod, Value affinity) {
    const Value nodes = affinity["nodeAffinity"];
    for (const yaml::Node& term : nodes[required]["nodeSelectorTerms"].items()) check_node_term(pod, term, true);
    for (const yaml::Node& term : nodes[preferred].items()) check_node_term(pod, Value(term)["preference"], false);
    for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
        for (const yaml::Node& term : affinity[kind][required].items()) check_pod_term(pod, term);
        for (const yaml::Node& term : affinity[kind][preferred].items())
            check_pod_term(pod, Value(term)["podAffinityTerm"]);
    }
}

void check_spread(const Pod& pod, Value constraint) {
    const Value domains = constraint["minDomains"];
    if (domains && constraint["whenUnsatisfiable"].text() == "ScheduleAnyway")
        pod.report.at(rule, domains, "minDomains goes with whenUnsatisfiable: DoNotSchedule alone",
                      "remove it, or write whenUnsatisfiable: DoNotSchedule");
    check_label_selector(pod.report, constraint["labelSelector"]);
    check_label_keys(pod, constraint);
}

}  // namespace

void check_scheduling(const Pod& pod) {
    const Value tolerations = pod.spec["tolerations"];
    for (const yaml::Node& toleration : tolerations.items()) {
        check_toleration(pod, toleration);
        if (toleration.kind == yaml::Kind::null)
            pod.report.at_key(rule, tolerations, "a toleration is null, and needs a key, or the operator Exists",
                              "remove the item");
    }
    check_affinity(pod, pod.spec["affinity"]);
    for (const yaml::Node& constraint : pod.spec["topologySpreadConstraints"].items()) check_spread(pod, constraint);
}

}  // namespace ktrain::lint
