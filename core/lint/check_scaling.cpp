// HorizontalPodAutoscaler and PodDisruptionBudget: one source of each metric, targets that fit it, one of two bounds.
#include <algorithm>
#include <array>

#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/lint/quantities.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

struct MetricSource {
    std::string_view type;
    std::string_view field;
    std::string_view targets;  // the ways to say how much, the one that is asked for where there is none first
};

constexpr std::array sources{
    MetricSource{"ContainerResource", "containerResource", "averageUtilization,averageValue"},
    MetricSource{"External", "external", "averageValue,value"},
    MetricSource{"Object", "object", "averageValue,value"},
    MetricSource{"Pods", "pods", "averageValue"},
    MetricSource{"Resource", "resource", "averageUtilization,averageValue"},
};

void check_target(const MetricSource& source, const Spot& target, Findings& findings) {
    const std::vector<std::string> ways = split(source.targets, ',');
    std::vector<Spot> there;
    for (const std::string& way : ways) {
        if (const Spot value = target[way]) there.push_back(value);
    }
    if (there.empty())
        return require(findings, target[ways.front()],
                       "a target of type " + std::string(source.type) + " is given by " + join(ways, " or "));
    if (there.size() > 1 && source.type != "Object") forbid(findings, there.back(), "the target has two values");
    for (const char* field : {"value", "averageValue"}) {
        const Spot value = target[field];
        const std::optional<Quantity> amount = amount_of(value);
        if (amount && *amount == Quantity())
            findings.add("KT005", value.place(),
                         std::string(field) + " must be more than 0, got " + shown(value.text()),
                         "write the amount to aim at");
    }
}

}  // namespace

void check_autoscaler(const Spot& spec, Findings& findings) {
    const std::optional<std::int64_t> least = number_of(spec["minReplicas"]);
    const std::optional<std::int64_t> most = number_of(spec["maxReplicas"]);
    if (least && most && *most > 0 && *least > *most)
        contradict(findings, spec["maxReplicas"], "maxReplicas is less than minReplicas, " + std::to_string(*least),
                   "write minReplicas <= maxReplicas");
}

void check_scale_target(const Object& object, const Target& target, Findings& findings) {
    if (object.kind != "HorizontalPodAutoscaler") return;
    const Spot reference = object.root["spec"]["scaleTargetRef"];
    const Spot version = reference["apiVersion"];
    if (!reference.is(yaml::Kind::mapping) || (version && !version.is(yaml::Kind::string))) return;
    const bool grouped = std::ranges::count(version.text(), '/') == 1;
    if (grouped && !version.text().starts_with('/')) return;
    const bool core = version.text().empty() || version.text() == "v1" || grouped;
    constexpr int since = 36;
    if (core && target.minors.last() < since) return;
    findings.add("KT006", version.place(),
                 core ? "scaleTargetRef wants an apiVersion with a group since Kubernetes 1.36"
                      : "the apiVersion " + shown(version.text()) + " has no group",
                 "write that of the target, such as apps/v1",
                 core && !target.chosen ? Severity::warning : Severity::error);
}

void check_metric(const Spot& metric, Findings& findings) {
    const std::string_view type = metric["type"].text();
    std::size_t count = 0;
    for (const MetricSource& source : sources) {
        const Spot there = metric[source.field];
        count += there ? 1 : 0;
        if (source.type == type && !there) require(findings, there, "the metric is of type " + std::string(type));
        if (there.is(yaml::Kind::mapping)) check_target(source, there["target"], findings);
    }
    for (const MetricSource& source : sources) {
        if (source.type != type && count > 1)
            forbid(findings, metric[source.field], "the metric is of type " + printable(type));
    }
}

void check_disruption_budget(const Spot& spec, Findings& findings) {
    for (const char* field : {"minAvailable", "maxUnavailable"}) {
        const Spot part = spec[field];
        const std::string_view digits = part.text().substr(0, part.text().find('%'));
        const bool percent = part.is(yaml::Kind::string) && digits.size() + 1 == part.text().size();
        const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
        const bool more = digits.size() - first > 3 || (digits.size() - first == 3 && digits.substr(first) > "100");
        if (percent && more)
            findings.add("KT006", part.place(), std::string(field) + " must be at most 100%, got " + shown(part.text()),
                         "write 100% or less");
    }
    if (!spec["minAvailable"] || !spec["maxUnavailable"]) return;
    Place where = spec["maxUnavailable"].key_place();
    where.path = spec.path;
    findings.add("KT030", where, "minAvailable and maxUnavailable may not both be set", "keep one of them");
}

}  // namespace ktrain::lint
