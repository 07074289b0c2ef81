// The scheduler's filters over JSON objects.
#include "core/advice/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

std::vector<std::string> values_of(const Json& expression) {
    std::vector<std::string> out;
    for (const Json& value : at_path(expression, {"values"}))
        if (value.is_string()) out.push_back(value.get<std::string>());
    return out;
}

bool compares(const std::string& value, const std::string& bound, bool greater) {
    std::int64_t a = 0, b = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), a).ec != std::errc() ||
        std::from_chars(bound.data(), bound.data() + bound.size(), b).ec != std::errc())
        return false;
    return greater ? a > b : a < b;
}

bool holds(const Json& expression, const Json& labels) {
    const std::string key = string_or(expression, "key"), op = string_or(expression, "operator");
    const auto label = labels.is_object() ? labels.find(key) : labels.end();
    const bool there = labels.is_object() && label != labels.end();
    const std::string value = there && label->is_string() ? label->get<std::string>() : "";
    const auto values = values_of(expression);
    const bool among = std::ranges::find(values, value) != values.end();
    if (op == "In") return there && among;
    if (op == "NotIn") return !there || !among;
    if (op == "Exists") return there;
    if (op == "DoesNotExist") return !there;
    if (op == "Gt" || op == "Lt") return there && !values.empty() && compares(value, values[0], op == "Gt");
    return true;
}

const Json& terms_of(const Json& pod) {
    return at_path(pod, {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution",
                         "nodeSelectorTerms"});
}

bool term_holds(const Json& term, const Json& node) {
    for (const Json& expression : at_path(term, {"matchExpressions"}))
        if (!holds(expression, at_path(node, {"metadata", "labels"}))) return false;
    const Json fields{{"metadata.name", kube::meta(node, "name")}};
    for (const Json& expression : at_path(term, {"matchFields"}))
        if (!holds(expression, fields)) return false;
    return true;
}

std::string text_of(const Json& expression) {
    const std::string key = string_or(expression, "key"), op = string_or(expression, "operator");
    if (op == "Exists") return key;
    if (op == "DoesNotExist") return "!" + key;
    const auto values = values_of(expression);
    if (op == "In" && values.size() == 1) return key + "=" + values[0];
    return fmt::format("{} {} ({})", key, op, join(values, ", "));
}

bool tolerates(const Json& toleration, const Json& taint) {
    const std::string effect = string_or(toleration, "effect"), key = string_or(toleration, "key");
    if (!effect.empty() && effect != string_or(taint, "effect")) return false;
    const bool exists = string_or(toleration, "operator", "Equal") == "Exists";
    if (key.empty()) return exists;
    return key == string_or(taint, "key") && (exists || string_or(toleration, "value") == string_or(taint, "value"));
}

// What the nodes have under a label, for "they have: a, b".
std::string offered(const std::string& key, const std::vector<Json>& nodes) {
    std::set<std::string> there;
    for (const Json& node : nodes)
        if (const std::string value = kube::label_value(node, key); !value.empty()) there.insert(value);
    if (there.empty()) return "no node has this label";
    std::vector<std::string> shown(there.begin(), there.end());
    if (shown.size() > 5) shown.resize(5), shown.push_back("…");
    return "nodes have " + join(shown, ", ");
}

}  // namespace

std::vector<std::string> selection_of(const Json& pod) {
    std::vector<std::string> out;
    const Json& selector = at_path(pod, {"spec", "nodeSelector"});
    if (selector.is_object())
        for (const auto& [key, value] : selector.items())
            out.push_back(key + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
    for (const Json& term : terms_of(pod))
        for (const char* part : {"matchExpressions", "matchFields"})
            for (const Json& expression : at_path(term, {part})) out.push_back(text_of(expression));
    return out;
}

bool selected(const Json& pod, const Json& node) {
    const Json& selector = at_path(pod, {"spec", "nodeSelector"});
    if (selector.is_object())
        for (const auto& [key, value] : selector.items())
            if (!value.is_string() || at_path(node, {"metadata", "labels", key}) != value) return false;
    const Json& terms = terms_of(pod);
    if (!terms.is_array() || terms.empty()) return true;
    return std::any_of(terms.begin(), terms.end(), [&](const Json& term) { return term_holds(term, node); });
}

std::vector<std::string> missing_labels(const Json& pod, const std::vector<Json>& nodes) {
    std::vector<std::string> out;
    const auto check = [&](const Json& expression) {
        const bool some = std::any_of(nodes.begin(), nodes.end(), [&](const Json& node) {
            return holds(expression, at_path(node, {"metadata", "labels"}));
        });
        if (!some)
            out.push_back(fmt::format("{} ({})", text_of(expression), offered(string_or(expression, "key"), nodes)));
    };
    const Json& selector = at_path(pod, {"spec", "nodeSelector"});
    if (selector.is_object())
        for (const auto& [key, value] : selector.items())
            check({{"key", key}, {"operator", "In"}, {"values", Json::array({value})}});
    for (const Json& term : terms_of(pod))
        for (const Json& expression : at_path(term, {"matchExpressions"})) check(expression);
    return out;
}

std::vector<std::string> untolerated(const Json& pod, const Json& node) {
    std::vector<std::string> out;
    const Json& tolerations = at_path(pod, {"spec", "tolerations"});
    const auto check = [&](const Json& taint) {
        const std::string effect = string_or(taint, "effect");
        if (effect != "NoSchedule" && effect != "NoExecute") return;
        for (const Json& toleration : tolerations)
            if (tolerates(toleration, taint)) return;
        const std::string value = string_or(taint, "value");
        out.push_back(string_or(taint, "key") + (value.empty() ? "" : "=" + value) + ":" + effect);
    };
    const Json& taints = at_path(node, {"spec", "taints"});
    for (const Json& taint : taints) check(taint);
    const bool said = std::any_of(taints.begin(), taints.end(), [](const Json& taint) {
        return string_or(taint, "key") == "node.kubernetes.io/unschedulable";
    });
    if (!said && at_path(node, {"spec", "unschedulable"}) == true)
        check({{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}});
    return out;
}

Quantity allocatable(const Json& node, const std::string& resource) {
    return kube::quantity_of(at_path(node, {"status", "allocatable", resource})).value_or(Quantity());
}

std::vector<std::string> too_small(const std::map<std::string, Quantity>& requests, const Json& node) {
    std::vector<std::string> out;
    for (const auto& [name, amount] : requests)
        if (amount > allocatable(node, name)) out.push_back(name);
    if (allocatable(node, "pods") < Quantity::of_units(1) && at_path(node, {"status", "allocatable"}).contains("pods"))
        out.push_back("pods");
    return out;
}

bool is_extended_resource(const std::string& resource) {
    return resource.find('/') != std::string::npos && !resource.starts_with("hugepages");
}

}  // namespace ktrain::advice
