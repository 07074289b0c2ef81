// Runs the checks of training workloads, and what several of them need.
#include "core/lint/training.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"

namespace ktrain::lint {
namespace {

// Labels and taints of nodes that may be taken away, as clouds and provisioners name them.
struct SpotLabel {
    std::string_view name, value;
};

constexpr std::array spot_labels{
    SpotLabel{"cloud.google.com/gke-preemptible", "true"}, SpotLabel{"cloud.google.com/gke-provisioning", "spot"},
    SpotLabel{"cloud.google.com/gke-spot", "true"},        SpotLabel{"eks.amazonaws.com/capacityType", "SPOT"},
    SpotLabel{"karpenter.sh/capacity-type", "spot"},       SpotLabel{"kubernetes.azure.com/scalesetpriority", "spot"},
    SpotLabel{"node.kubernetes.io/lifecycle", "spot"},
};

// The expressions that every node of the pod must match, if there is one set of them.
Value required_terms(const PodGroup& group) {
    const Value terms = Value(
        group.spec)["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
    return terms.items().size() == 1 ? Value(terms.items().front())["matchExpressions"] : Value();
}

// What one term asks of nodes with the label; nothing where it does not name it. Labels that are "true" alone are on
// such nodes only.
std::optional<Asked> asked_by(Value term, std::string_view label, std::string_view value) {
    for (const yaml::Node& node : term["matchExpressions"].items()) {
        const Value expression(node);
        if (expression["key"].text() != label) continue;
        const std::string_view operation = expression["operator"].text();
        const std::span<const yaml::Node> values = expression["values"].items();
        const bool listed = std::ranges::any_of(values, [&](const yaml::Node& one) { return one.text == value; });
        if (operation == "In") return !listed ? Asked::no : values.size() == 1 ? Asked::yes : Asked::may_be;
        if (operation == "NotIn") return listed || values.empty() || value == "true" ? Asked::no : Asked::may_be;
        if (operation == "Exists") return value == "true" ? Asked::yes : Asked::may_be;
        return Asked::no;
    }
    return std::nullopt;
}

bool is_written(std::string_view value) {
    return std::ranges::any_of(std::array{"s3://", "gs://", "gcs://", "az://", "abfs", "wasb", "hdfs://", "oss://"},
                               [&](std::string_view scheme) { return value.starts_with(scheme); });
}

}  // namespace

Change added(const Spot& to, std::initializer_list<std::string_view> path, Json value) {
    Spot at = to;
    auto step = path.begin();
    for (; step + 1 != path.end() && at[*step].is(yaml::Kind::mapping); ++step) at = at[*step];
    for (auto inner = path.end() - 1; inner != step; --inner) value = Json{{std::string(*inner), std::move(value)}};
    return {Change::Kind::add, at.path, std::string(*step), std::move(value)};
}

Change appended(const Spot& to, std::string_view list, Json item) {
    const Spot there = to[list];
    if (there.is(yaml::Kind::sequence)) return {Change::Kind::add, there.path, "", std::move(item)};
    return {Change::Kind::add, to.path, std::string(list), Json::array({std::move(item)})};
}

Change removed(const Spot& spot) {
    return {Change::Kind::remove, spot.path, "", {}};
}

Change replaced(const Spot& spot, Json value) {
    return {Change::Kind::replace, spot.path, "", std::move(value)};
}

std::string pods_have(const Workload& work, const std::vector<const PodGroup*>& groups) {
    if (groups.size() == work.groups.size()) return work.pods() == 1 ? "the pod has" : "the pods have";
    std::vector<std::string> names;
    for (const PodGroup* group : groups) names.push_back(printable(group->name));
    return "the pods of " + join(names, " and ") + " have";
}

std::vector<std::string_view> node_values(const PodGroup& group, std::string_view label) {
    const Value selector = Value(group.spec)["nodeSelector"];
    const std::string_view selected = selector[label].text();
    if (!selected.empty()) return {selected};
    std::vector<std::string_view> values;
    for (const yaml::Node& node : required_terms(group).items()) {
        const Value expression(node);
        if (expression["key"].text() != label || expression["operator"].text() != "In") continue;
        for (const yaml::Node& value : expression["values"].items()) values.push_back(value.text);
    }
    return values;
}

Asked asks(const PodGroup& group, std::string_view label, std::string_view value) {
    const Value spec(group.spec);
    const std::string_view selected = spec["nodeSelector"][label].text();
    if (!selected.empty()) return selected == value ? Asked::yes : Asked::no;
    // Nodes match one of the terms: all must ask for the value to be sure.
    const std::span<const yaml::Node> terms =
        spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].items();
    Asked most = Asked::no, least = Asked::yes;
    bool named = false;
    for (const yaml::Node& term : terms) {
        const std::optional<Asked> asked = asked_by(term, label, value);
        named = named || asked.has_value();
        most = std::max(most, asked.value_or(Asked::no));
        least = std::min(least, asked.value_or(Asked::no));
    }
    if (named) return most == Asked::yes && least != Asked::yes ? Asked::may_be : most;
    for (const yaml::Node& toleration : spec["tolerations"].items()) {
        if (Value(toleration)["key"].text() == label) return Asked::may_be;
    }
    return Asked::no;
}

bool mentions_nodes(const PodGroup& group, std::string_view prefix) {
    const Value spec(group.spec);
    for (const yaml::Entry& entry : spec["nodeSelector"].members()) {
        if (entry.key.text.starts_with(prefix)) return true;
    }
    for (const Value& list : {required_terms(group), spec["tolerations"]}) {
        for (const yaml::Node& item : list.items()) {
            if (Value(item)["key"].text().starts_with(prefix)) return true;
        }
    }
    return false;
}

Asked asks_spot(const PodGroup& group) {
    Asked best = Asked::no;
    for (const SpotLabel& label : spot_labels) best = std::max(best, asks(group, label.name, label.value));
    return best;
}

bool is_persistent(Value volume) {
    if (!volume) return true;
    return std::ranges::none_of(
        std::array{"configMap", "downwardAPI", "emptyDir", "ephemeral", "gitRepo", "image", "projected", "secret"},
        [&](const char* source) { return bool(volume[source]); });
}

bool keeps_anything(const PodGroup& group, const Container& container) {
    for (const yaml::Node& node : Value(container.spot)["volumeMounts"].items()) {
        const Value mount(node);
        if (!mount["readOnly"].truth() && is_persistent(group.volume(mount["name"].text()))) return true;
    }
    for (const Option& flag : container.launch.flags) {
        if (is_written(flag.value) || flag.name == "push_to_hub" || flag.name == "hub_model_id") return true;
    }
    for (const yaml::Node& node : Value(container.spot)["env"].items()) {
        if (is_written(Value(node)["value"].text())) return true;
    }
    return bool(Value(group.spec)["outputs"]["artifacts"]);
}

void check_training(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.kind == "PodDisruptionBudget") return check_budget(object, bundle, findings);
    const Workload& work = workload_of(object, bundle);
    if (work.groups.empty()) return;
    Training training{work, bundle, findings};
    check_devices(training);
    check_nodes(training);
    if (!work.is_training()) return;
    for (const auto check : {check_needs, check_launch, check_peers, check_rendezvous, check_shm, check_network,
                             check_spot, check_kept, check_ends, check_restarts})
        check(training);
}

}  // namespace ktrain::lint
