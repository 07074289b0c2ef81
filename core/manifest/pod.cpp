// The template of the training pods.
#include <fmt/format.h>

#include <algorithm>

#include "core/manifest/kinds.h"
#include "core/spec/pod_folders.h"

namespace ktrain {
namespace {

constexpr std::string_view gpu_resource = "nvidia.com/gpu";
constexpr int user = 1000;  // unprivileged; volumes are made writable for its group

Object resources(const PodResources& pod) {
    Object amounts = {{"cpu", pod.cpu.text()}, {"memory", pod.memory.text()}};
    if (pod.gpus > 0) amounts[gpu_resource] = std::to_string(pod.gpus);
    return {{"requests", amounts}, {"limits", amounts}};
}

Object variable(std::string_view name, std::string_view value) {
    return {{"name", name}, {"value", value}};
}

// Threads for each process: OpenMP counts the node's cores, not those of the pod.
std::int64_t threads(const Plan& plan) {
    return std::max<std::int64_t>(1, plan.resources.cpu.milli_rounded_up() / 1000 / plan.processes_per_pod);
}

// What torchrun's environment says to the processes of a distributed job.
void add_rendezvous(const Plan& plan, Object& env) {
    const std::string master = plan.service.empty() ? "localhost" : fmt::format("{}-0.{}", plan.name, plan.service);
    const std::string port = std::to_string(rendezvous_port);
    env.push_back(variable("MASTER_ADDR", master));
    env.push_back(variable("MASTER_PORT", port));
    env.push_back(variable("PET_MASTER_ADDR", master));
    env.push_back(variable("PET_MASTER_PORT", port));
    env.push_back(variable("PET_NNODES", std::to_string(plan.pods)));
    env.push_back(variable("PET_NPROC_PER_NODE", std::to_string(plan.processes_per_pod)));
    constexpr std::string_view index = "metadata.annotations['batch.kubernetes.io/job-completion-index']";
    env.push_back({{"name", "PET_NODE_RANK"}, {"valueFrom", {{"fieldRef", {{"fieldPath", index}}}}}});
}

Object environment(const Plan& plan) {
    const ClusterSpec& cluster = plan.spec.cluster;
    Object ours = Object::array();
    ours.push_back(variable("HOME", tmp_folder));
    ours.push_back(variable("OMP_NUM_THREADS", std::to_string(threads(plan))));
    if (plan.processes() > 1) add_rendezvous(plan, ours);
    Object env = Object::array();
    for (Object& entry : ours)
        if (!cluster.env.contains(entry["name"].get<std::string>())) env.push_back(std::move(entry));
    for (const auto& [name, value] : cluster.env) env.push_back(variable(name, value));
    for (const SecretEnvSpec& secret : cluster.secrets) {
        const Object reference = {{"name", secret.secret}, {"key", secret.key}};
        env.push_back({{"name", secret.env}, {"valueFrom", {{"secretKeyRef", reference}}}});
    }
    return env;
}

Object mount(std::string_view name, std::string_view path, bool read_only = false) {
    Object object = {{"name", name}, {"mountPath", path}};
    if (read_only) object["readOnly"] = true;
    return object;
}

Object mounts(const Plan& plan) {
    Object list = Object::array();
    list.push_back(mount(volume_spec, spec_folder, true));
    list.push_back(mount(volume_shm, shm_folder));
    list.push_back(mount(volume_tmp, tmp_folder));
    if (!plan.scratch_path.empty()) list.push_back(mount(volume_output, plan.scratch_path));
    for (const VolumeSpec& volume : plan.spec.cluster.volumes)
        list.push_back(mount(volume.claim, path_in_pod(volume.mount_path), volume.read_only));
    return list;
}

Object volumes(const Plan& plan) {
    const Object empty = Object::object();
    Object list = Object::array();
    list.push_back({{"name", volume_spec}, {"configMap", {{"name", plan.config_map}}}});
    list.push_back(
        {{"name", volume_shm}, {"emptyDir", {{"medium", "Memory"}, {"sizeLimit", plan.resources.shm.text()}}}});
    list.push_back({{"name", volume_tmp}, {"emptyDir", empty}});
    if (!plan.scratch_path.empty()) list.push_back({{"name", volume_output}, {"emptyDir", empty}});
    std::vector<std::string_view> seen;
    for (const VolumeSpec& volume : plan.spec.cluster.volumes) {
        if (std::ranges::find(seen, volume.claim) != seen.end()) continue;  // one claim at two paths
        seen.push_back(volume.claim);
        list.push_back({{"name", volume.claim}, {"persistentVolumeClaim", {{"claimName", volume.claim}}}});
    }
    return list;
}

bool has_relative_path(const TrainingSpec& spec) {
    const std::string& dataset = spec.data.dataset_path;
    return !spec.output_dir.starts_with('/') || (!dataset.empty() && !dataset.starts_with('/'));
}

Object container(const Plan& plan) {
    Object object = {{"name", container_name}, {"image", plan.spec.cluster.image}};
    object["command"] = {"ktrain", "run", "--spec", fmt::format("{}/spec.yaml", spec_folder)};
    if (has_relative_path(plan.spec)) object["workingDir"] = working_folder;
    object["env"] = environment(plan);
    object["resources"] = resources(plan.resources);
    object["securityContext"] = {{"allowPrivilegeEscalation", false},
                                 {"capabilities", {{"drop", Object::array({"ALL"})}}},
                                 {"readOnlyRootFilesystem", true}};
    object["terminationMessagePolicy"] = "FallbackToLogsOnError";
    object["volumeMounts"] = mounts(plan);
    return object;
}

Object pod_security() {
    return {{"runAsNonRoot", true},
            {"runAsUser", user},
            {"runAsGroup", user},
            {"fsGroup", user},
            // Large volumes would take minutes at every start otherwise.
            {"fsGroupChangePolicy", "OnRootMismatch"},
            {"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

// Gradients cross the network at every step: the pods of a job are better off in one zone, if there is room.
Object affinity(const Plan& plan) {
    const Object term = {{"topologyKey", "topology.kubernetes.io/zone"},
                         {"labelSelector", {{"matchLabels", {{label_job, plan.name}}}}}};
    const Object preferred = {{"weight", 100}, {"podAffinityTerm", term}};
    return {{"podAffinity", {{"preferredDuringSchedulingIgnoredDuringExecution", Object::array({preferred})}}}};
}

}  // namespace

Object make_pod_template(const Plan& plan) {
    Object pod = {{"restartPolicy", "Never"},
                  {"serviceAccountName", plan.name},
                  {"automountServiceAccountToken", false},
                  {"enableServiceLinks", false},
                  {"terminationGracePeriodSeconds", plan.grace_seconds}};
    if (!plan.service.empty()) pod["subdomain"] = plan.service;
    if (!plan.node_selector.empty()) pod["nodeSelector"] = plan.node_selector;
    if (plan.pods > 1) pod["affinity"] = affinity(plan);
    if (plan.resources.gpus > 0)
        pod["tolerations"] = Object::array({{{"key", gpu_resource}, {"operator", "Exists"}, {"effect", "NoSchedule"}}});
    pod["securityContext"] = pod_security();
    pod["containers"] = Object::array({container(plan)});
    pod["volumes"] = volumes(plan);
    const Object labels = make_object(plan, "v1", "Pod", plan.name, Ownership::owned)["metadata"]["labels"];
    const Object annotations = {{"karpenter.sh/do-not-disrupt", "true"}};
    return {{"metadata", {{"labels", labels}, {"annotations", annotations}}}, {"spec", pod}};
}

}  // namespace ktrain
