// Findings as JSON, and the order in which they explain a trouble.
#include "core/advice/finding.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

constexpr std::size_t named_others = 5;

// Two findings of one cause become one: about the first object, naming the others.
void merge(Finding& into, const Finding& other) {
    if (other.object == into.object) return;
    ++into.count;
    const std::string line = "also: " + other.object.text();
    const auto shown = std::count_if(into.evidence.begin(), into.evidence.end(),
                                     [](const std::string& one) { return one.starts_with("also: "); });
    if (static_cast<std::size_t>(shown) < named_others && std::ranges::find(into.evidence, line) == into.evidence.end())
        into.evidence.push_back(line);
}

}  // namespace

ObjectRef ref_of(const Json& object) {
    return {string_or(object, "kind"), kube::meta(object, "namespace"), kube::meta(object, "name")};
}

Json to_json(const Finding& finding) {
    Json object{{"kind", finding.object.kind}, {"namespace", finding.object.namespace_}, {"name", finding.object.name}};
    return {{"cause", finding.cause},       {"severity", to_string(finding.severity)},
            {"summary", finding.summary},   {"object", std::move(object)},
            {"evidence", finding.evidence}, {"remedy", finding.remedy},
            {"command", finding.command},   {"count", finding.count}};
}

std::vector<Finding> ranked(std::vector<Finding> findings) {
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        if (a.weight != b.weight) return a.weight > b.weight;
        return a.since.value_or(kube::Time::max()) < b.since.value_or(kube::Time::max());
    });
    std::vector<Finding> out;
    for (Finding& finding : findings) {
        const auto same = std::ranges::find_if(out, [&](const Finding& one) { return one.cause == finding.cause; });
        if (same != out.end()) {
            merge(*same, finding);
            continue;
        }
        // Followers and consequences explain nothing that a cause has not explained.
        if (!out.empty() && finding.weight <= weight::consequence) {
            if (!finding.evidence.empty()) out.front().evidence.push_back(finding.evidence.front());
            continue;
        }
        const bool explained = !out.empty() && out.front().weight > weight::follower;
        if (explained && finding.weight <= weight::follower) continue;
        out.push_back(std::move(finding));
    }
    return out;
}

}  // namespace ktrain::advice
