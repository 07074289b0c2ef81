// LeaderWorkerSet and MPIJob of the MPI operator: what they refuse.
#include <charconv>

#include "core/base/api_names.h"
#include "core/lint/operators.h"

namespace ktrain::lint {
namespace {

constexpr std::int64_t most = 2147483647;  // that is read

// A number or a percentage of `whole`, rounded up or down; nothing for what is neither.
std::optional<std::int64_t> part_of(const Spot& value, std::int64_t whole, bool up) {
    if (const auto number = number_of(value)) return number;
    std::string_view text = value.text();
    if (!text.ends_with('%')) return std::nullopt;
    text.remove_suffix(1);
    std::int64_t percent = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (problem != std::errc() || end != text.data() + text.size() || percent < 0 || percent > 100) return std::nullopt;
    return (percent * whole + (up ? 99 : 0)) / 100;
}

void check_rollout(const Spot& rollout, std::int64_t replicas, Findings& findings) {
    if (!rollout.is(yaml::Kind::mapping)) return;
    for (const char* field : {"maxUnavailable", "maxSurge"}) {
        const Spot value = rollout[field];
        const std::int64_t part = part_of(value, replicas, true).value_or(-1);
        if (value && !value.is(yaml::Kind::mapping) && (part < 0 || part > most))
            contradict(findings, value, std::string(field) + " is no number from 0 and no percentage up to 100%",
                       "write it like 1 or 25%");
    }
    const Spot partition = rollout["partition"];
    if (number_of(partition).value_or(0) < 0)
        contradict(findings, partition, "partition is negative", "write 0 or more");
    const Spot down = rollout["maxUnavailable"];
    const Spot surge = rollout["maxSurge"];
    if (down && part_of(down, replicas, false) == 0 && replicas != 0 && (!surge || part_of(surge, replicas, true) == 0))
        contradict(findings, down, "maxUnavailable and maxSurge are both 0: nothing could ever be replaced",
                   "write 1 for one of them");
}

void check_subgroups(const Object& object, const Spot& model, std::int64_t size, Findings& findings) {
    const Spot policy = model["subGroupPolicy"];
    const Spot note = object.root["metadata"]["annotations"]["leaderworkerset.sigs.k8s.io/subgroup-exclusive-topology"];
    if (!policy) return forbid(findings, note, "there is no subGroupPolicy");
    const Spot count = policy["subGroupSize"];
    const auto number = number_of(count);
    if (!count) require(findings, count, "the webhook of LeaderWorkerSet fails without it");
    if (!number) return;
    const bool excluded = policy["subGroupPolicyType"].text() == "LeaderExcluded";
    if (*number < 1) {
        contradict(findings, count, "subGroupSize is not above 0", "write 1 or more");
    } else if (*number > size) {
        contradict(findings, count, "subGroupSize is more than size, which is " + std::to_string(size),
                   "write " + std::to_string(size) + " or less");
    } else if ((excluded || size % *number != 0) && (size - 1) % *number != 0) {
        contradict(
            findings, count,
            std::string(excluded ? "size - 1 is" : "neither size nor size - 1 are") + " a multiple of subGroupSize",
            "write a number that divides it");
    }
}

void check_mpi_role(const Spot& role, bool launcher, Findings& findings) {
    if (!role.is(yaml::Kind::mapping)) return;
    const Spot replicas = role["replicas"];
    const auto count = number_of(replicas);
    if (launcher && count && *count != 1)
        contradict(findings, replicas, "an MPIJob has one Launcher", "write replicas: 1");
    if (!launcher && !replicas) require(findings, replicas, "an MPIJob has at least one Worker where it has Workers");
    if (!launcher && count && *count < 1)
        contradict(findings, replicas, "replicas of Worker is below 1", "write 1 or more");
    const Spot policy = role["restartPolicy"];
    if (!policy.text().empty() && policy.text() != "Never" && policy.text() != "OnFailure")
        findings.add("KT006", policy.place(), "the MPI operator knows no restartPolicy " + shown(policy.text()),
                     "write Never or OnFailure");
    const Spot containers = role["template"]["spec"]["containers"];
    if (containers.is(yaml::Kind::sequence) && size_of(containers) == 0)
        contradict(findings, containers, "the role has no container", "add one");
}

void check_run_policy(const Spot& policy, Findings& findings) {
    for (const char* field : {"ttlSecondsAfterFinished", "activeDeadlineSeconds", "backoffLimit"}) {
        if (number_of(policy[field]).value_or(0) < 0)
            contradict(findings, policy[field], std::string(field) + " is negative", "write 0 or more");
    }
    const Spot clean = policy["cleanPodPolicy"];
    if (clean.is(yaml::Kind::string) && clean.text() != "None" && clean.text() != "Running" && clean.text() != "All")
        findings.add("KT006", clean.place(), "there is no cleanPodPolicy " + shown(clean.text()),
                     "write None, Running or All");
    const Spot manager = policy["managedBy"];
    if (manager.is(yaml::Kind::string) && manager.text() != "kubeflow.org/mpi-operator" &&
        manager.text() != "kueue.x-k8s.io/multikueue")
        findings.add("KT006", manager.place(), "nobody manages MPIJobs as " + shown(manager.text()),
                     "write kubeflow.org/mpi-operator or kueue.x-k8s.io/multikueue, or remove it");
}

}  // namespace

void check_group_set(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Spot model = spec["leaderWorkerTemplate"];
    const std::int64_t replicas = number_of(spec["replicas"]).value_or(1);
    const std::int64_t size = number_of(model["size"]).value_or(1);
    if (replicas < 0) contradict(findings, spec["replicas"], "replicas is negative", "write 0 or more");
    if (size < 1)
        contradict(findings, model["size"], "size is below 1", "write how many pods a group has, the leader included");
    if (static_cast<double>(replicas) * static_cast<double>(size) > static_cast<double>(most))
        contradict(findings, spec["replicas"], "replicas times size is more than 2147483647", "write less");
    check_rollout(spec["rolloutStrategy"]["rollingUpdateConfiguration"], replicas, findings);
    check_subgroups(object, model, size, findings);
}

void check_mpi_job(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Spot roles = spec["mpiReplicaSpecs"];
    if (!roles.is(yaml::Kind::mapping)) return;
    const Spot launcher = roles["Launcher"];
    const Spot worker = roles["Worker"];
    if (!launcher) require(findings, launcher, "it starts the others");
    check_mpi_role(launcher, true, findings);
    check_mpi_role(worker, false, findings);
    for (const Spot& role : roles.members()) {
        if (role.node != launcher.node && role.node != worker.node)
            findings.add("KT006", role.key_place(), "an MPIJob has no role " + shown(yaml::key_text(*role.key)),
                         "write Launcher or Worker");
    }
    const Spot slots = spec["slotsPerWorker"];
    if (number_of(slots).value_or(0) < 0) contradict(findings, slots, "slotsPerWorker is negative", "write 1 or more");
    check_run_policy(spec["runPolicy"], findings);
    const std::int64_t count = number_of(worker["replicas"]).value_or(1);
    const std::string pod = object.name() + "-worker-" + std::to_string(count > 0 ? count - 1 : 0);
    if (!object.name().empty() && pod.size() > 63)
        findings.add("KT021", object.root["metadata"]["name"].place(),
                     "a pod would be called " + shown(pod) + ", " + std::to_string(pod.size()) +
                         " characters; at most 63 are allowed",
                     "shorten the name of the MPIJob");
}

}  // namespace ktrain::lint
