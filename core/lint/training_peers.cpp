// Pods that train together: alike, started together, near each other, and as many as the policy says.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

bool has_like_roles(const Workload& work) {
    return work.is("PyTorchJob", "kubeflow.org") || work.is("PaddleJob", "kubeflow.org");
}

// The environment that processes must share, as text.
std::string shared_env(const Container& container) {
    std::string text;
    for (const yaml::Node& node : Value(container.spot)["env"].items()) {
        const std::string_view name = Value(node)["name"].text();
        if (name.starts_with("NCCL_") || name.starts_with("TORCH_NCCL_") || name.starts_with("FI_"))
            text += std::string(name) + "=" + std::string(Value(node)["value"].text()) + "\n";
    }
    return text;
}

void check_alike(const Training& training) {
    if (!has_like_roles(training.work) || training.work.groups.size() < 2) return;
    const PodGroup& first = training.work.groups.front();
    for (const PodGroup& group : training.work.groups) {
        const Container *a = first.trainer(), *b = group.trainer();
        if (a == nullptr || b == nullptr) continue;
        const std::string both = printable(first.name) + " and " + printable(group.name);
        if (first.gpus() != group.gpus()) {
            training.add("KD206", b->spot["resources"].key_place(),
                         both + " have " + std::to_string(first.gpus()) + " and " + std::to_string(group.gpus()) +
                             " GPUs: ranks are counted alike for all pods",
                         "give all pods the same GPUs");
        } else if (a->spot["image"].text() != b->spot["image"].text()) {
            training.add("KD206", b->spot["image"].place(), both + " have different images",
                         "use one image for all pods");
        } else if (shared_env(*a) != shared_env(*b)) {
            training.add("KD206", b->spot["env"].key_place(), both + " have different settings of NCCL",
                         "give all pods the same NCCL_* variables");
        }
    }
}

// Labels and annotations by which pods or jobs are put into a queue or a group.
constexpr std::array<std::string_view, 8> gang_marks{"alpha.jobset.sigs.k8s.io/exclusive-topology",
                                                     "kueue.x-k8s.io/pod-group-name",
                                                     "kueue.x-k8s.io/queue-name",
                                                     "pod-group.scheduling.sigs.k8s.io/name",
                                                     "runai/queue",
                                                     "scheduling.k8s.io/group-name",
                                                     "scheduling.volcano.sh/queue-name",
                                                     "scheduling.x-k8s.io/pod-group"};

bool is_marked(Value metadata) {
    return std::ranges::any_of(
        gang_marks, [&](std::string_view mark) { return metadata["labels"][mark] || metadata["annotations"][mark]; });
}

bool is_gang(const Training& training) {
    const Workload& work = training.work;
    if (work.is("Job", "batch.volcano.sh") || work.is("TrainJob", "trainer.kubeflow.org")) return true;
    const Value root(work.object->root), spec(work.spec);
    if (is_marked(root["metadata"]) || spec["runPolicy"]["schedulingPolicy"] || spec["scheduling"] ||
        spec["podGroupPolicy"])
        return true;
    return std::ranges::any_of(work.groups, [](const PodGroup& group) {
        const Value pod(group.spec);
        return is_marked(Value(group.metadata)) || pod["schedulerName"] || pod["schedulingGroup"];
    });
}

// Those that hold a GPU while others wait: not the launcher of an MPIJob, which runs no rank.
std::int64_t pods_with_gpus(const Workload& work) {
    std::int64_t pods = 0;
    for (const PodGroup& group : work.groups) pods += group.has_gpu() ? group.replicas : 0;
    return pods;
}

// Pods with GPUs that wait for each other.
bool train_together(const Training& training) {
    const Workload& work = training.work;
    if (!work.trains || !work.batch() || work.object->kind.ends_with("Runtime")) return false;
    bool joined = work.distributed;
    for (const PodGroup& group : work.groups) {
        const Container* trainer = group.trainer();
        const Option* nodes = trainer != nullptr ? trainer->launch.nodes() : nullptr;
        joined = joined || (nodes != nullptr && nodes->number().value_or(0) > 1) ||
                 (trainer != nullptr && (trainer->env("MASTER_ADDR") || trainer->env("PET_MASTER_ADDR")));
    }
    return joined && pods_with_gpus(work) > 1;
}

void check_gang(const Training& training) {
    if (is_gang(training)) return;
    const Workload& work = training.work;
    // A deadline bounds how long those that came first hold their GPUs for nothing.
    if (work.is("Job", "batch") && work.spec["activeDeadlineSeconds"]) return;
    const Spot metadata = work.object->root["metadata"];
    Diagnostic& found =
        training.add("KD211", metadata.key_place(),
                     std::to_string(pods_with_gpus(work)) +
                         " pods with GPUs wait for each other, and nothing starts them "
                         "together: those that found nodes hold their GPUs meanwhile",
                     "put the job into a queue (label kueue.x-k8s.io/queue-name), or schedule its pods as a group");
    if (work.is("PyTorchJob", "kubeflow.org"))
        found.changes.push_back(added(work.spec, {"runPolicy", "schedulingPolicy", "minAvailable"}, work.pods()));
}

void check_elastic(const Training& training) {
    const Workload& work = training.work;
    const Spot elastic = work.spec["elasticPolicy"];
    if (!elastic || !work.is("PyTorchJob", "kubeflow.org")) return;
    const Spot worker = work.spec["pytorchReplicaSpecs"]["Worker"];
    const std::int64_t replicas = Value(worker)["replicas"].number().value_or(1);
    const Spot least = elastic["minReplicas"], most = elastic["maxReplicas"];
    const std::int64_t from = Value(least).number().value_or(replicas), to = Value(most).number().value_or(replicas);
    if (worker && (replicas < from || replicas > to))
        training.add("KD214", (replicas < from ? least : most).place(),
                     std::to_string(replicas) + " Workers are " + (replicas < from ? "fewer" : "more") +
                         " than the policy allows (" + std::to_string(from) + " to " + std::to_string(to) + ")",
                     "make minReplicas <= Worker.replicas <= maxReplicas");
    const Spot master = work.spec["pytorchReplicaSpecs"]["Master"];
    if (master)
        training.add("KD214", master.key_place(),
                     "an elastic job has a Master: processes meet at the first Worker, and the operator counts Workers",
                     "remove Master, and add its pod to the Workers");
    for (const PodGroup& group : work.groups) {
        const Container* trainer = group.trainer();
        const Launcher launcher = trainer != nullptr ? trainer->launch.launcher : Launcher::none;
        if (launcher != Launcher::deepspeed && launcher != Launcher::mpirun && launcher != Launcher::torch_launch)
            continue;
        training.add("KD214", trainer->entry(trainer->launch.item).place(),
                     std::string(name_of(launcher)) + " does not take part in elastic training: it ignores PET_*",
                     "use torchrun");
    }
}

void check_topology(const Training& training) {
    std::vector<const PodGroup*> scattered, far;
    for (const PodGroup& group : training.work.groups) {
        const Value spec(group.spec);
        if (!group.has_gpu() || !group.spec) continue;
        if (!spec["topologySpreadConstraints"].items().empty()) scattered.push_back(&group);
        const Value annotations = Value(group.metadata)["annotations"];
        const bool placed = std::ranges::any_of(annotations.members(), [](const yaml::Entry& entry) {
            return entry.key.text.find("topology") != std::string::npos;
        });
        if (!placed && !spec["affinity"]["podAffinity"] && !mentions_nodes(group, "topology.kubernetes.io/"))
            far.push_back(&group);
    }
    const Workload& work = training.work;
    if (!scattered.empty()) {
        training.add("KD216", scattered.front()->spec["topologySpreadConstraints"].key_place(),
                     "topologySpreadConstraints keep apart the pods that exchange gradients all the time",
                     "remove them, and bring the pods together with podAffinity");
    } else if (!far.empty() && !work.object->root["metadata"]["annotations"][gang_marks[0]]) {
        training.add("KD216", far.front()->spec["affinity"].key_place(),
                     "nothing keeps " + std::to_string(work.pods()) + " pods that train together in one zone",
                     "prefer it by podAffinity with topologyKey topology.kubernetes.io/zone, or use Kueue's topology");
    }
}

}  // namespace

void check_peers(Training& training) {
    check_alike(training);
    check_elastic(training);
    if (!train_together(training)) return;
    check_gang(training);
    check_topology(training);
}

}  // namespace ktrain::lint
