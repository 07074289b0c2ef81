// RayCluster, RayJob, RayService and RayCronJob: what KubeRay refuses to start.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/api_names.h"
#include "core/base/article.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/operators.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t longest_cluster = 53;  // names of its pods and services are made of it
constexpr std::size_t suffix = 6;            // of the cluster that a job or a service makes

void check_ray_name(const Object& object, std::size_t most, Findings& findings) {
    const Spot name = object.root["metadata"]["name"];
    if (name.text().empty()) return;
    if (name.text().size() > most) {
        findings.add("KT021", name.place(),
                     "the name has " + std::to_string(name.text().size()) + " characters; KubeRay takes " +
                         std::to_string(most) + ", as names are made of it",
                     "shorten it");
        return;
    }
    const std::string problem = dns_label_1035_problem(name.text());
    if (!problem.empty())
        findings.add("KT007", name.place(),
                     "the name of " + with_article(object.kind) + " " + shown(name.text()) + " " + problem);
}

void check_manager(const Spot& manager, Findings& findings) {
    if (manager.is(yaml::Kind::string) && manager.text() != "ray.io/kuberay-operator" &&
        manager.text() != "kueue.x-k8s.io/multikueue")
        findings.add("KT006", manager.place(), "nobody manages Ray as " + shown(manager.text()),
                     "write ray.io/kuberay-operator or kueue.x-k8s.io/multikueue, or remove it");
}

void check_containers(const Spot& group, Findings& findings) {
    const Spot containers = group["template"]["spec"]["containers"];
    if (containers.is(yaml::Kind::sequence) && size_of(containers) == 0)
        contradict(findings, containers, "the group has no container", "add the one that runs Ray");
}

void check_workers(const Spot& group, Findings& findings) {
    check_containers(group, findings);
    const Spot least = group["minReplicas"];
    const Spot most = group["maxReplicas"];
    for (const Spot& number : {least, most}) {
        if (number_of(number).value_or(0) < 0)
            contradict(findings, number, field_of(number) + " is negative", "write 0 or more");
    }
    const auto low = number_of(least);
    const auto high = number_of(most);
    if (low && high && *low > *high)
        contradict(findings, least,
                   "minReplicas is " + std::to_string(*low) + ", maxReplicas is " + std::to_string(*high),
                   "write " + std::to_string(*high) + " or less");
    const auto count = number_of(group["replicas"]);
    if (count && high && *count > *high && *high >= 0)
        contradict(findings, group["replicas"],
                   "replicas is " + std::to_string(*count) + ", and maxReplicas allows " + std::to_string(*high),
                   "raise maxReplicas, or write less");
}

bool sets(const Spot& container, std::string_view variable) {
    return std::ranges::any_of(container["env"].items(),
                               [&](const Spot& one) { return one["name"].text() == variable; });
}

// What the head keeps in Redis, so that a cluster outlives it. `notes`: annotations of the object that makes it.
void check_head(const Spot& spec, const Spot& notes, Findings& findings) {
    const std::vector<Spot> containers = spec["headGroupSpec"]["template"]["spec"]["containers"].items();
    if (containers.empty()) return;
    const Spot& head = containers.front();
    const Spot params = spec["headGroupSpec"]["rayStartParams"];
    const Spot options = spec["gcsFaultToleranceOptions"];
    const Spot enabled = notes["ray.io/ft-enabled"];
    const bool outlives = options || lower(enabled.text()) == "true";
    if (options && !enabled.text().empty()) forbid(findings, enabled, "gcsFaultToleranceOptions says it");
    if (!outlives && sets(head, "RAY_REDIS_ADDRESS"))
        contradict(findings, head["env"], "RAY_REDIS_ADDRESS is set, and gcsFaultToleranceOptions is not",
                   "write the address in spec.gcsFaultToleranceOptions.redisAddress");
    if (options) {
        for (const char* variable : {"REDIS_PASSWORD", "RAY_REDIS_ADDRESS"}) {
            if (sets(head, variable))
                contradict(findings, head["env"], std::string(variable) + " does not go with gcsFaultToleranceOptions",
                           "write it in gcsFaultToleranceOptions");
        }
        if (!params["redis-password"].text().empty())
            forbid(findings, params["redis-password"], "gcsFaultToleranceOptions has redisPassword");
        if (!notes["ray.io/external-storage-namespace"].text().empty())
            forbid(findings, notes["ray.io/external-storage-namespace"],
                   "gcsFaultToleranceOptions has externalStorageNamespace");
    }
    if (!params["redis-username"].text().empty() || sets(head, "REDIS_USERNAME"))
        contradict(findings, params["redis-username"] ? params["redis-username"] : head["env"],
                   "the user of Redis belongs into gcsFaultToleranceOptions", "write redisUsername there");
}

void check_cluster(const Spot& spec, const Spot& notes, Findings& findings) {
    if (!spec.is(yaml::Kind::mapping)) return;
    check_head(spec, notes, findings);
    check_manager(spec["managedBy"], findings);
    check_containers(spec["headGroupSpec"], findings);
    const bool scales = spec["enableInTreeAutoscaling"].is_true();
    std::set<std::string, std::less<>> names;
    for (const Spot& group : spec["workerGroupSpecs"].items()) {
        const Spot name = group["groupName"];
        if (name && !names.emplace(name.text()).second)
            refuse(findings, "KT018", name.place(), group, "another group is called " + shown(name.text()),
                   "give each group its own name");
        check_workers(group, findings);
        if (scales && group["suspend"].is_true())
            forbid(findings, group["suspend"], "enableInTreeAutoscaling decides how many workers there are");
    }
    const Spot idle = spec["autoscalerOptions"]["idleTimeoutSeconds"];
    if (number_of(idle).value_or(0) < 0)
        contradict(findings, idle, "idleTimeoutSeconds is negative", "write 0 or more");
}

void check_condition(const Spot& condition, Findings& findings) {
    if (!condition.is(yaml::Kind::mapping)) return;
    if (static_cast<bool>(condition["jobStatus"]) == static_cast<bool>(condition["jobDeploymentStatus"]))
        contradict(findings, condition, "a condition has one of jobStatus and jobDeploymentStatus",
                   condition["jobStatus"] ? "keep one of them" : "add jobStatus: SUCCEEDED or FAILED");
}

void check_deletion(const Spot& spec, Findings& findings) {
    const Spot strategy = spec["deletionStrategy"];
    const Spot shuts = spec["shutdownAfterJobFinishes"];
    const Spot after = spec["ttlSecondsAfterFinished"];
    if (!shuts.is_true() && number_of(after).value_or(0) > 0)
        forbid(findings, after, "shutdownAfterJobFinishes is not true");
    if (!strategy.is(yaml::Kind::mapping)) return;
    const bool both = strategy["onSuccess"] && strategy["onFailure"];
    const bool old = strategy["onSuccess"] || strategy["onFailure"];
    const Spot rules = strategy["deletionRules"];
    if (old && rules) {
        refuse(findings, "KT030", rules.key_place(), strategy, "deletionRules go with no onSuccess and onFailure",
               "keep deletionRules");
    } else if (!both && !rules) {
        refuse(findings, "KT008", strategy.key_place(), strategy,
               "deletionStrategy has neither deletionRules nor both onSuccess and onFailure", "add deletionRules");
    }
    if (size_of(rules) > 0 && shuts.is_true()) forbid(findings, shuts, "deletionRules say what is deleted and when");
    for (const Spot& rule : rules.items()) check_condition(rule["condition"], findings);
}

void check_selector(const Spot& spec, Findings& findings) {
    const Spot selector = spec["clusterSelector"];
    if (selector.members().empty()) {
        if (!spec["rayClusterSpec"])
            require(findings, spec["rayClusterSpec"], "no clusterSelector names a cluster that is there");
        return;
    }
    if (selector["ray.io/cluster"].text().empty())
        require(findings, selector["ray.io/cluster"], "clusterSelector names the cluster by it");
    if (spec["suspend"].is_true()) forbid(findings, spec["suspend"], "clusterSelector is set");
    if (number_of(spec["backoffLimit"]).value_or(0) > 0)
        forbid(findings, spec["backoffLimit"], "clusterSelector is set");
    if (spec["submissionMode"].text() == "SidecarMode")
        contradict(findings, spec["submissionMode"], "SidecarMode goes with no clusterSelector",
                   "write K8sJobMode or HTTPMode");
}

void check_job(const Spot& spec, const Spot& notes, Findings& findings) {
    if (!spec.is(yaml::Kind::mapping)) return;
    check_manager(spec["managedBy"], findings);
    if (spec["suspend"].is_true() && !spec["shutdownAfterJobFinishes"].is_true())
        contradict(findings, spec["suspend"], "a RayJob that keeps its cluster cannot be suspended",
                   "write shutdownAfterJobFinishes: true");
    check_deletion(spec, findings);
    check_selector(spec, findings);
    const std::string_view mode = spec["submissionMode"].text();
    if (mode == "InteractiveMode" && number_of(spec["backoffLimit"]).value_or(0) > 0)
        forbid(findings, spec["backoffLimit"], "submissionMode is InteractiveMode");
    if (mode == "SidecarMode") {
        for (const char* field : {"submitterPodTemplate", "submitterConfig"})
            forbid(findings, spec[field], "submissionMode is SidecarMode");
    }
    for (const char* field : {"activeDeadlineSeconds", "preRunningDeadlineSeconds"}) {
        if (spec[field] && number_of(spec[field]).value_or(1) <= 0)
            contradict(findings, spec[field], std::string(field) + " is not above 0", "write 1 or more");
    }
    for (const char* field : {"backoffLimit", "ttlSecondsAfterFinished"}) {
        if (number_of(spec[field]).value_or(0) < 0)
            contradict(findings, spec[field], std::string(field) + " is negative", "write 0 or more");
    }
    check_cluster(spec["rayClusterSpec"], notes, findings);
}

Spot notes_of(const Object& object) {
    return object.root["metadata"]["annotations"];
}

// How a RayService goes over to another cluster.
void check_upgrade(const Spot& spec, Findings& findings) {
    const Spot cluster = spec["rayClusterConfig"];
    const Spot service = cluster["headGroupSpec"]["headService"]["metadata"]["name"];
    if (!service.text().empty()) forbid(findings, service, "a RayService names the service of its head itself");
    const Spot type = spec["upgradeStrategy"]["type"];
    constexpr std::array<std::string_view, 3> types{"NewCluster", "NewClusterWithIncrementalUpgrade", "None"};
    if (type.is(yaml::Kind::string) && std::ranges::find(types, type.text()) == types.end()) {
        const std::string near = nearest(type.text(), types);
        findings.add("KT006", type.place(), "a RayService has no upgrade of type " + shown(type.text()),
                     near.empty() ? "write NewCluster or None" : "did you mean '" + near + "'?");
    }
    if (type.text() != types[1]) return;
    const Spot scales = cluster["enableInTreeAutoscaling"];
    if (!scales || (scales.is(yaml::Kind::boolean) && !scales.is_true()))
        require(findings, scales, "the upgrade goes step by step, and needs the autoscaler");
    const Spot options = spec["upgradeStrategy"]["clusterUpgradeOptions"];
    if (!options) return require(findings, options, "the upgrade goes step by step");
    for (const char* field : {"maxSurgePercent", "stepSizePercent"}) {
        const std::int64_t percent = number_of(options[field]).value_or(0);
        if (percent < 0 || percent > 100)
            contradict(findings, options[field], std::string(field) + " is no percentage", "write 0 to 100");
    }
    if (options["intervalSeconds"] && number_of(options["intervalSeconds"]).value_or(1) <= 0)
        contradict(findings, options["intervalSeconds"], "intervalSeconds is not above 0", "write 1 or more");
}

}  // namespace

void check_ray_cluster(const Object& object, Findings& findings) {
    check_ray_name(object, longest_cluster, findings);
    check_cluster(object.root["spec"], notes_of(object), findings);
}

void check_ray_job(const Object& object, Findings& findings) {
    check_ray_name(object, longest_cluster - suffix, findings);
    check_job(object.root["spec"], notes_of(object), findings);
}

void check_ray_cron(const Object& object, Findings& findings) {
    check_job(object.root["spec"]["jobTemplate"], notes_of(object), findings);
}

void check_ray_service(const Object& object, Findings& findings) {
    check_ray_name(object, longest_cluster - suffix, findings);
    const Spot spec = object.root["spec"];
    check_manager(spec["managedBy"], findings);
    check_cluster(spec["rayClusterConfig"], notes_of(object), findings);
    check_upgrade(spec, findings);
}

}  // namespace ktrain::lint
