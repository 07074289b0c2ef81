// KT013: label selectors: operators and values, and whether they select the labels of the pods.
#include <algorithm>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT013";

bool has_value(Value list, std::string_view text) {
    return std::any_of(list.items().begin(), list.items().end(),
                       [&](const yaml::Node& item) { return Value(item).text() == text; });
}

bool fits(Value requirement, Value labels) {
    const std::string_view operation = requirement["operator"].text();
    const Value label = labels[requirement["key"].text()];
    if (operation == "In") return label && has_value(requirement["values"], label.text());
    if (operation == "NotIn") return !label || !has_value(requirement["values"], label.text());
    if (operation == "Exists") return bool(label);
    return operation != "DoesNotExist" || !label;
}

void check_requirement(const Reporter& report, Value requirement) {
    const Value operation = requirement["operator"];
    const Value values = requirement["values"];
    const bool none = values.items().empty();
    if (operation.one_of({"In", "NotIn"}) && none)
        report.missing(rule, requirement, "values", "the operator " + std::string(operation.text()) + " needs values",
                       "add a list of values");
    if (operation.one_of({"Exists", "DoesNotExist"}) && !none)
        report.at_key(rule, values, "the operator " + std::string(operation.text()) + " takes no values",
                      "remove them");
}

}  // namespace

void check_label_selector(const Reporter& report, Value selector) {
    for (const yaml::Entry& entry : selector["matchLabels"].members()) {
        const Value value(entry.value);
        const std::string key = yaml::key_text(entry.key);
        const std::string problem = qualified_name_problem(key);
        if (!problem.empty() && value)
            report.at_key(rule, value, "the label key " + shown(key) + " " + problem,
                          "write a key that a label can have");
    }
    for (const yaml::Node& requirement : selector["matchExpressions"].items()) check_requirement(report, requirement);
}

bool selects(Value selector, Value labels) {
    // A label without a value has the empty one, and so has one that is wanted without.
    const auto equal = [&](const yaml::Entry& entry) {
        return std::ranges::any_of(labels.members(), [&](const yaml::Entry& label) {
            return yaml::key_text(label.key) == yaml::key_text(entry.key) &&
                   Value(label.value).text() == Value(entry.value).text();
        });
    };
    const std::span<const yaml::Entry> wanted = selector["matchLabels"].members();
    const std::span<const yaml::Node> needed = selector["matchExpressions"].items();
    return std::all_of(wanted.begin(), wanted.end(), equal) &&
           std::all_of(needed.begin(), needed.end(), [&](const yaml::Node& node) { return fits(node, labels); });
}

}  // namespace ktrain::lint
