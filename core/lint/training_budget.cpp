// KR311: disruption budgets of pods that train.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

bool is_all(const Spot& amount) {
    return amount.text() == "100%";
}

bool is_none(const Spot& amount) {
    return amount.text() == "0" || amount.text() == "0%";
}

std::string key_of(std::string_view space, std::string_view name, std::string_view value) {
    return std::string(space) + "\n" + std::string(name) + "=" + std::string(value);
}

// Pods of jobs by each of their labels, so that no budget has to look at all of them.
void read_labels(const Bundle& bundle) {
    LastWorkload& kept = bundle.last->mine();
    if (kept.labels_read) return;
    kept.labels_read = true;
    for (const Object& object : bundle.objects) {
        const std::string_view space = object.root["metadata"]["namespace"].text();
        for (const PodTemplate& model : object.templates) {
            for (const yaml::Entry& label : Value(model.metadata)["labels"].members())
                kept.by_label[key_of(space, label.key.text, label.value.text)].push_back(&object);
        }
    }
}

// The workload that trains whose pods the budget is for, by its first matchLabel; nullptr: none.
const Object* trained_by(const Object& budget, const Bundle& bundle) {
    read_labels(bundle);
    const Value selector = Value(budget.root)["spec"]["selector"];
    const std::string_view space = budget.root["metadata"]["namespace"].text();
    const auto labels = selector["matchLabels"].members();
    if (labels.empty()) return nullptr;
    const auto found = bundle.last->mine().by_label.find(key_of(space, labels[0].key.text, labels[0].value.text));
    if (found == bundle.last->mine().by_label.end()) return nullptr;
    constexpr std::size_t most = 100;  // jobs of one label are alike
    for (std::size_t i = 0; i < found->second.size() && i < most; ++i) {
        const Object& object = *found->second[i];
        const bool meant = std::ranges::any_of(object.templates, [&](const PodTemplate& model) {
            return selects(selector, Value(model.metadata)["labels"]);
        });
        const Workload work = meant ? read_workload(object) : Workload();
        if (work.batch() && work.is_training()) return &object;
    }
    return nullptr;
}

}  // namespace

void check_budget(const Object& object, const Bundle& bundle, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Spot most = spec["maxUnavailable"], least = spec["minAvailable"];
    const bool none = is_none(most) || is_all(least);
    if (spec["selector"].members().empty() || (!none && spec["unhealthyPodEvictionPolicy"])) return;
    const Object* trained = trained_by(object, bundle);
    if (trained == nullptr) return;
    const std::string name = shown(trained->root["metadata"]["name"].text());
    if (none) {
        findings.add("KR311", (is_none(most) ? most : least).place(),
                     "no pod of " + name + " may be evicted: nodes under it cannot be drained while it trains",
                     "allow one: maxUnavailable: 1, and let the job go on from its checkpoint");
    } else {
        findings.add("KR311", spec["unhealthyPodEvictionPolicy"].place(),
                     "pods of " + name + " that are not ready block the drain of their nodes",
                     "write unhealthyPodEvictionPolicy: AlwaysAllow", Severity::info);
    }
}

}  // namespace ktrain::lint
