// Keeps what has labels by each of them.
#include "core/lint/label_index.h"

#include <algorithm>

#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

std::string pair(const yaml::Entry& label) {
    return yaml::key_text(label.key) + "=" + std::string(Value(label.value).text());
}

bool has_all(Value labels, Value wanted) {
    return std::ranges::all_of(wanted.members(), [&](const yaml::Entry& label) {
        return labels[label.key.text].text() == Value(label.value).text() && labels[label.key.text];
    });
}

bool is_selected_from(const Object& object, const std::vector<std::string_view>& spaces) {
    if (spaces.empty()) return true;
    const std::string_view own = space_of(object);  // without one it may land in any
    return own.empty() || std::ranges::any_of(spaces, [&](std::string_view one) { return one.empty() || one == own; });
}

bool makes_other_pods(const Object& object) {
    if (!object.schema) return !object.is_spec();
    return group_of(object.api_version) == "monitoring.coreos.com" && object.kind != "PrometheusRule" &&
           !object.kind.ends_with("Monitor");
}

bool selects_pods(const Object& object) {
    return object.kind == "Service" || object.kind == "PodMonitor" || object.kind == "PodDisruptionBudget";
}

}  // namespace

LabelIndex::LabelIndex(const Bundle& bundle) {
    for (const Object* service : bundle.index.all("Service"))
        services_.add({service, nullptr, Value(service->root)["metadata"]["labels"]});
    if (std::ranges::none_of(bundle.objects, selects_pods)) return;
    for (const Object& object : bundle.objects) {
        hides_pods_ = hides_pods_ || makes_other_pods(object);
        for (const PodTemplate& pod : object.templates) {
            const Value metadata(object.kind == "Pod" ? object.root["metadata"] : pod.metadata);
            pods_.add({&object, &pod, metadata["labels"]});
            ++pods_in_[space_of(object)];
        }
    }
}

void LabelIndex::Kept::add(const Labelled& one) {
    const auto number = static_cast<std::uint32_t>(all.size());
    all.push_back(one);
    every.push_back(number);
    for (const yaml::Entry& label : one.labels.members()) by_label[pair(label)].push_back(number);
}

std::span<const std::uint32_t> LabelIndex::Kept::candidates(Value labels) const {
    const std::vector<std::uint32_t>* best = nullptr;
    for (const yaml::Entry& label : labels.members()) {
        const auto found = by_label.find(pair(label));
        if (found == by_label.end()) return {};
        if (best == nullptr || found->second.size() < best->size()) best = &found->second;
    }
    return best != nullptr ? *best : every;
}

std::vector<Labelled> LabelIndex::Kept::selected(Value selector, const std::vector<std::string_view>& spaces,
                                                 std::size_t most) const {
    std::vector<Labelled> found;
    for (const std::uint32_t number : candidates(selector["matchLabels"])) {
        if (found.size() == most) break;
        const Labelled& one = all[number];
        if (is_selected_from(*one.object, spaces) && selects(selector, one.labels)) found.push_back(one);
    }
    return found;
}

std::vector<Labelled> LabelIndex::services(Value selector, const std::vector<std::string_view>& spaces) const {
    return services_.selected(selector, spaces);
}

std::vector<Labelled> LabelIndex::pods(Value selector, const std::vector<std::string_view>& spaces,
                                       std::size_t most) const {
    return pods_.selected(selector, spaces, most);
}

bool LabelIndex::has_pods(Value labels, std::string_view space) const {
    return std::ranges::any_of(pods_.candidates(labels), [&](std::uint32_t number) {
        const Labelled& one = pods_.all[number];
        return is_selected_from(*one.object, {space}) && has_all(one.labels, labels);
    });
}

std::vector<Labelled> LabelIndex::pods_of_service(Value labels, std::string_view space) const {
    std::vector<Labelled> found;
    for (const std::uint32_t number : pods_.candidates(labels)) {
        const Labelled& one = pods_.all[number];
        if (is_selected_from(*one.object, {space}) && has_all(one.labels, labels)) found.push_back(one);
    }
    return found;
}

std::size_t LabelIndex::pods_in(std::string_view space) const {
    if (space.empty()) return pods_.all.size();
    const auto count = [&](std::string_view one) {
        const auto found = pods_in_.find(one);
        return found == pods_in_.end() ? 0 : found->second;
    };
    return count(space) + count("");
}

}  // namespace ktrain::lint
