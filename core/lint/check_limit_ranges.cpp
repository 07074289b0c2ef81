// KQ504: containers, pods and claims outside the LimitRanges of their namespace.
#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/lint/spaces.h"
#include "core/lint/workload.h"

namespace ktrain::lint {
namespace {

std::string place_of(const Bound& bound, Value value) {
    Place where = locate(*bound.object, value).place();
    where.file = bound.object->file;
    return to_string(where);
}

// What asks for an amount, for the message.
struct Asked {
    std::string what;  // "container 'a'"
    Place place;
    std::optional<Quantity> request;
    std::optional<Quantity> limit;
};

void compare(const Bound& bound, const std::string& resource, const Asked& asked, Findings& findings) {
    const auto report = [&](const std::string& field, const std::string& amount, const std::string& wanted) {
        findings.add("KQ504", asked.place,
                     asked.what + " has " + amount + " of " + printable(resource) + ", the LimitRange at " +
                         place_of(bound, bound.item[field][resource]) + " allows " + wanted,
                     "stay within the LimitRange, or change it");
    };
    const auto max = quantity_at(bound.item["max"][resource]);
    const auto min = quantity_at(bound.item["min"][resource]);
    const auto ratio = quantity_at(bound.item["maxLimitRequestRatio"][resource]);
    const auto& high = asked.limit ? asked.limit : asked.request;
    const auto& low = asked.request ? asked.request : asked.limit;
    if (max && high && *high > *max) return report("max", high->text(), max->text() + " at most");
    if (min && low && *low < *min) return report("min", low->text(), min->text() + " at least");
    const bool both = ratio && asked.limit && asked.request && *asked.request > Quantity();
    if (both && asked.limit->approximately() > asked.request->approximately() * ratio->approximately() * 1.000001)
        report("maxLimitRequestRatio",
               "a limit of " + asked.limit->text() + " for a request of " + asked.request->text(),
               ratio->text() + " times the request at most");
}

void check_container(const Space& space, const Bound& bound, const Container& container, Findings& findings) {
    std::vector<std::string> names;
    for (const char* list : {"max", "min", "maxLimitRequestRatio"}) {
        for (const yaml::Entry& entry : bound.item[list].members()) {
            if (std::find(names.begin(), names.end(), entry.key.text) == names.end())
                names.emplace_back(entry.key.text);
        }
    }
    const Spot resources = container.spot["resources"];
    for (const std::string& name : names) {
        const Spot limit = resources["limits"][name];
        const Spot request = resources["requests"][name];
        const Asked asked{"container " + shown(container.name()),
                          limit     ? limit.place()
                          : request ? request.place()
                                    : container.spot.place(),
                          space.request(container, name), space.limit(container, name)};
        compare(bound, name, asked, findings);
    }
}

// A pod is as large as its containers together, or as its largest init container.
void check_pod(const Space& space, const Bound& bound, const PodGroup& group, Findings& findings) {
    std::set<std::string, std::less<>> names;
    for (const char* list : {"max", "min", "maxLimitRequestRatio"})
        for (const yaml::Entry& entry : bound.item[list].members()) names.emplace(entry.key.text);
    for (const std::string& name : names) {
        Quantity sums[2], firsts[2];
        bool complete[2] = {true, true};
        for (const Container& container : group.containers) {
            const std::optional<Quantity> amounts[2] = {space.request(container, name), space.limit(container, name)};
            for (int i = 0; i < 2; ++i) {
                complete[i] = complete[i] && amounts[i];
                if (!amounts[i]) continue;
                if (container.role == Role::init)
                    firsts[i] = std::max(firsts[i], *amounts[i]);
                else
                    sums[i] = sums[i] + *amounts[i];
            }
        }
        const auto total = [&](int i) {
            return complete[i] ? std::optional(std::max(sums[i], firsts[i])) : std::nullopt;
        };
        const std::string what = group.name.empty() ? "the pod" : "the pod of " + printable(group.name);
        compare(bound, name, {what, group.spec["containers"].key_place(), total(0), total(1)}, findings);
    }
}

}  // namespace

void check_limit_ranges(const Object& object, const Bundle& bundle, Findings& findings) {
    const bool claim = object.kind == "PersistentVolumeClaim" && object.api_version == "v1";
    if (object.templates.empty() && !claim) return;
    const Space* space = bundle.spaces->find(space_of(object));
    if (space == nullptr || space->limits.empty()) return;
    static const Workload none;
    const Workload& workload = claim ? none : workload_of(object, bundle);
    for (const Bound& bound : space->limits) {
        const std::string_view type = bound.item["type"].text();
        if (claim && type == "PersistentVolumeClaim") {
            const Spot size = object.root["spec"]["resources"]["requests"]["storage"];
            compare(bound, "storage", {"the claim", size.place(), quantity_at(Value(size)), std::nullopt}, findings);
        }
        for (const PodGroup& group : workload.groups) {
            if (type == "Pod") check_pod(*space, bound, group, findings);
            if (type != "Container") continue;
            for (const Container& container : group.containers) check_container(*space, bound, container, findings);
        }
    }
}

}  // namespace ktrain::lint
