// KQ501 to KQ504 and KQ508: what quotas and limits of a namespace leave to the objects in it.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/devices.h"
#include "core/lint/spaces.h"
#include "core/lint/workload.h"

namespace ktrain::lint {
namespace {

std::string called(const Object& object) {
    return "the " + object.kind + " " + shown(object.name());
}

std::string place_of(const Object& object, Value value) {
    Place where = locate(object, value).place();
    where.file = object.file;
    return to_string(where);
}

// The name under which a quota counts what the entry is meant to count, and why it counts nothing; empty: it may count.
struct Counted {
    std::string instead;
    std::string why;
};

// Devices are counted by their requests alone. Source: kubernetes pkg/quota/v1/evaluator/core/pods.go.
Counted instead_of(std::string_view name) {
    constexpr std::string_view limits = "limits.", requests = "requests.";
    const std::string by_requests = " limits nothing: extended resources are counted by their requests alone";
    if (name.find("k8s.io/") != std::string_view::npos || name.starts_with("count/")) return {};
    std::string_view device = name;
    for (const std::string_view prefix : {limits, requests, std::string_view("limit."), std::string_view("request.")})
        if (device.starts_with(prefix)) device.remove_prefix(prefix.size());
    if (!is_extended_resource(device)) return {};
    if (const std::string meant = device_meant(device); !meant.empty())
        return {std::string(requests) + meant, " limits nothing: no node has " + shown(device)};
    if (name.starts_with(requests)) return {};
    return {std::string(requests) + std::string(device), by_requests};
}

void check_ineffective(const Object& object, Findings& findings) {
    const Spot hard = object.root["spec"]["hard"];
    for (const Spot& amount : hard.members()) {
        const std::string name = yaml::key_text(*amount.key);
        const Counted counted = instead_of(name);
        if (counted.why.empty()) continue;
        const bool there = static_cast<bool>(hard[counted.instead]);
        Diagnostic& finding =
            findings.add("KQ501", amount.key_place(), printable(name) + counted.why,
                         there ? "remove it: " + counted.instead + " does what it says" : "write " + counted.instead);
        finding.changes = {{Change::Kind::remove, amount.path, "", nullptr}};
        if (!there)
            finding.changes.push_back({Change::Kind::add, hard.path, counted.instead, yaml::to_json(*amount.node)});
    }
}

struct Verdict {
    std::string message;
    std::string fix;
    Severity severity = Severity::error;
};

Verdict judge(const std::string& name, const Quantity& hard, const Usage& usage, bool devices) {
    const std::string allowed = "the quota of " + name + " is " + hard.text();
    if (usage.services > hard)
        return {allowed + ", and what always runs asks for " + usage.services.text(),
                "raise the quota, or ask for less: the last of these are never made"};
    if (usage.largest_of == nullptr) return {};
    const bool alone = usage.largest > hard;
    if (alone && devices) return {};  // KQ508
    if (alone)
        return {allowed + ", " + called(*usage.largest_of) + " asks for " + usage.largest.text(),
                "raise the quota, or ask for less", Severity::warning};
    if (usage.services + usage.largest > hard)
        return {allowed + ": " + called(*usage.a_service) + " and what else always runs take " + usage.services.text() +
                    ", so that " + called(*usage.largest_of) + " with " + usage.largest.text() + " never starts",
                "raise the quota, or move what always runs to another namespace"};
    if (usage.services + usage.batch > hard)
        return {allowed + ", the " + std::to_string(usage.jobs) + " jobs together ask for " + usage.batch.text() +
                    ": they run one after another",
                "raise the quota if they are to run at the same time", Severity::info};
    return {};
}

void check_sums(const Object& object, const Space& space, Findings& findings) {
    const Value hard = Value(object.root)["spec"]["hard"];
    for (const yaml::Entry& entry : hard.members()) {
        const auto usage = space.usage.find(std::string_view(entry.key.text));
        const auto allowed = quantity_at(entry.value);
        if (usage == space.usage.end() || !allowed) continue;
        bool limit = false;
        const bool devices = is_extended_resource(resource_of(entry.key.text, limit));
        const Verdict verdict = judge(printable(entry.key.text), *allowed, usage->second, devices);
        if (verdict.message.empty()) continue;
        findings.add("KQ503", locate(object, entry.value).place(), verdict.message, verdict.fix, verdict.severity);
    }
}

// What the quotas of the namespace count, and a container neither gives nor gets from a LimitRange.
void check_needed_by(const Space& space, const Container& container, Findings& findings) {
    std::vector<std::string> absent;
    const Quota* first = nullptr;
    for (const auto& [counted, quota] : space.quotas) {
        bool limit = false;
        const std::string_view resource = resource_of(counted, limit);
        if (resource != "cpu" && resource != "memory") continue;
        if (limit ? space.limit(container, resource) : space.request(container, resource)) continue;
        const std::string name = (limit ? "limits." : "requests.") + std::string(resource);
        if (std::ranges::find(absent, name) == absent.end()) absent.push_back(name);
        if (first == nullptr) first = &quota;
    }
    if (first == nullptr) return;
    const Spot at = container.spot["resources"];
    findings.add("KQ502", at ? at.key_place() : container.spot.place(),
                 "container " + shown(container.name()) + " sets no " + join(absent, " and no ") +
                     ", which the quota at " + place_of(*first->object, first->at) + " wants of every pod",
                 "set them under resources, or add a LimitRange with defaults to the namespace");
}

void check_needed(const Space& space, const Workload& workload, Findings& findings) {
    const std::size_t before = findings.count();
    for (const PodGroup& group : workload.groups) {
        if (group.spec["resources"]) continue;  // of the pod as a whole
        for (const Container& container : group.containers) {
            check_needed_by(space, container, findings);
            if (findings.count() != before) return;  // the others are no other cause
        }
    }
}

void check_device_quota(const Space& space, const Workload& workload, Findings& findings) {
    for (const auto& [counted, quota] : space.quotas) {
        bool limit = false;
        const std::string_view resource = resource_of(counted, limit);
        if (limit || !is_extended_resource(resource)) continue;
        Quantity sum;
        const PodGroup* most = nullptr;
        bool one_pod = false;
        for (const PodGroup& group : workload.groups) {
            const Quantity pod = space.of_pod(group, counted).value_or(Quantity());
            if (pod == Quantity()) continue;
            one_pod = one_pod || pod > quota.hard;
            if (most == nullptr) most = &group;
            sum = sum + pod * group.replicas;
        }
        if (most == nullptr || sum <= quota.hard) continue;
        const bool hangs = one_pod || workload.distributed;
        findings.add("KQ508", most->spec["containers"].key_place(),
                     called(*workload.object) + " asks for " + sum.text() + " " + std::string(resource) +
                         ", the quota at " + place_of(*quota.object, quota.at) + " allows " + quota.hard.text(),
                     "raise the quota, or use fewer", hangs ? Severity::error : Severity::warning);
    }
}

}  // namespace

void check_quotas(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.kind == "ResourceQuota" && object.api_version == "v1") {
        check_ineffective(object, findings);
        const Space* space = bundle.spaces->find(space_of(object));
        const bool first = bundle.index.find("ResourceQuota", space_of(object), object.name()).object == &object;
        if (space != nullptr && first) check_sums(object, *space, findings);
        return;
    }
    const Space* space = object.templates.empty() ? nullptr : bundle.spaces->find(space_of(object));
    if (space == nullptr || space->quotas.empty()) return;
    const Workload& workload = workload_of(object, bundle);
    check_needed(*space, workload, findings);
    if (workload.batch()) check_device_quota(*space, workload, findings);
}

}  // namespace ktrain::lint
