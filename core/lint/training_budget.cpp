// KR311: disruption budgets of pods that train.
#include "core/lint/label_index.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

bool is_all(const Spot& amount) {
    return amount.text() == "100%";
}

bool is_none(const Spot& amount) {
    return amount.text() == "0" || amount.text() == "0%";
}

// The workload that trains whose pods the budget is for; nullptr: none.
const Object* trained_by(const Object& budget, const Bundle& bundle) {
    const Value selector = Value(budget.root)["spec"]["selector"];
    const std::string_view space = space_of(budget);
    if (selector["matchLabels"].members().empty()) return nullptr;
    constexpr std::size_t most = 100;  // jobs of one label are alike
    for (const Labelled& one : bundle.labels->pods(selector, {space}, most)) {
        if (space_of(*one.object) != space) continue;
        const Workload work = read_workload(*one.object);
        if (work.batch() && work.is_training()) return one.object;
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
