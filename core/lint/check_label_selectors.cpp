// Selectors of labels and nodes, and tolerations, in objects that have no pods: which values each operator takes.
#include <set>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

// Whether the values are a list or not there; KT004 reports the rest.
bool is_list(const Spot& values) {
    return !values || values.is(yaml::Kind::sequence);
}

bool is_any(std::string_view word, std::string_view one, std::string_view other) {
    return word == one || word == other;
}

void check_label_keys(const Spot& labels, Findings& findings) {
    for (const Spot& label : labels.members()) {
        const std::string key = yaml::key_text(*label.key);
        const std::string problem = qualified_name_problem(key);
        if (!problem.empty()) findings.add("KT007", label.key_place(), "the label key " + shown(key) + " " + problem);
    }
}

}  // namespace

void check_selector_keys(const Spot& selector, Findings& findings) {
    check_label_keys(selector["matchLabels"], findings);
}

void check_selector_values(const Spot& requirement, Findings& findings) {
    const std::string operation(requirement["operator"].text());
    const Spot values = requirement["values"];
    const bool there = size_of(values) > 0;
    if (is_any(operation, "In", "NotIn") && !there && is_list(values))
        require(findings, values, "the operator " + operation + " compares with values");
    if (is_any(operation, "Exists", "DoesNotExist") && there)
        forbid(findings, values, "the operator " + operation + " takes no values");
}

void check_node_values(const Spot& requirement, Findings& findings) {
    check_selector_values(requirement, findings);
    const std::string operation(requirement["operator"].text());
    const Spot values = requirement["values"];
    if (is_any(operation, "Gt", "Lt") && size_of(values) != 1 && is_list(values))
        findings.add("KT008", values.place(), "the operator " + operation + " compares with one value",
                     "write one number");
    if (!is_any(operation, "In", "NotIn")) return;
    for (const Spot& value : values.items()) {
        const std::string problem = label_value_problem(value.text());
        if (value.is(yaml::Kind::string) && !problem.empty())
            findings.add("KT007", value.place(), "the label value " + shown(value.text()) + " " + problem);
    }
}

void check_toleration(const Spot& toleration, Findings& findings) {
    const std::string_view operation = toleration["operator"].text();
    const Spot where = toleration["operator"];
    const Spot value = toleration["value"];
    if (toleration["key"].text().empty() && operation != "Exists")
        findings.add("KT030", where.place(), "a toleration without a key has the operator Exists",
                     "add the key of the taint, or operator: Exists");
    if (operation == "Exists" && !value.text().empty())
        findings.add("KT030", where.place(), "the operator Exists takes no value", "remove the value");
    const Spot effect = toleration["effect"];
    if (toleration["tolerationSeconds"] && effect.text() != "NoExecute")
        findings.add("KT030", effect.place(), "tolerationSeconds is for the effect NoExecute",
                     "write effect: NoExecute, or remove tolerationSeconds");
}

void check_scheduling_of_class(const Spot& scheduling, Findings& findings) {
    check_label_keys(scheduling["nodeSelector"], findings);
    std::set<std::string> seen;
    for (const Spot& toleration : scheduling["tolerations"].items()) {
        std::string all;
        for (const char* field : {"key", "operator", "value", "effect", "tolerationSeconds"})
            all += std::string(toleration[field].text()) + "\n";
        if (!seen.insert(all).second)
            findings.add("KT018", toleration.place(), "the same toleration is in the list already",
                         "remove one of the two");
    }
}

}  // namespace ktrain::lint
