// The keys that Kubernetes, its schedulers and the operators of training read, and what is nearly one of them.
#include "core/lint/known_keys.h"

#include <algorithm>
#include <array>

#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

// Source: k8s.io/api 0.36, kueue 0.19, jobset 0.12, lws 0.9, karpenter 1.14, training-operator 1.9, trainer 2.3,
// volcano 1.15, and the documentation of Helm, Istio, Prometheus and NVIDIA's GPU feature discovery.
constexpr auto keys = std::to_array<std::string_view>({
    "alpha.jobset.sigs.k8s.io/exclusive-topology",
    "alpha.jobset.sigs.k8s.io/namespaced-job",
    "alpha.jobset.sigs.k8s.io/no-schedule",
    "alpha.jobset.sigs.k8s.io/node-selector",
    "app.kubernetes.io/component",
    "app.kubernetes.io/created-by",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/cronjob-scheduled-timestamp",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-index-failure-count",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-tracking",
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "controller.kubernetes.io/pod-deletion-cost",
    "helm.sh/chart",
    "helm.sh/hook",
    "helm.sh/hook-delete-policy",
    "helm.sh/hook-weight",
    "helm.sh/resource-policy",
    "jobset.sigs.k8s.io/coordinator",
    "jobset.sigs.k8s.io/disable-in-place-restart",
    "jobset.sigs.k8s.io/global-replicas",
    "jobset.sigs.k8s.io/group-name",
    "jobset.sigs.k8s.io/group-replicas",
    "jobset.sigs.k8s.io/job-global-index",
    "jobset.sigs.k8s.io/job-group-index",
    "jobset.sigs.k8s.io/job-index",
    "jobset.sigs.k8s.io/job-key",
    "jobset.sigs.k8s.io/jobset-name",
    "jobset.sigs.k8s.io/jobset-uid",
    "jobset.sigs.k8s.io/priority",
    "jobset.sigs.k8s.io/replicatedjob-name",
    "jobset.sigs.k8s.io/replicatedjob-replicas",
    "jobset.sigs.k8s.io/restart-attempt",
    "karpenter.sh/capacity-type",
    "karpenter.sh/do-not-consolidate",
    "karpenter.sh/do-not-disrupt",
    "karpenter.sh/do-not-evict",
    "karpenter.sh/do-not-sync-taints",
    "karpenter.sh/initialized",
    "karpenter.sh/nodepool",
    "karpenter.sh/provisioner-name",
    "karpenter.sh/registered",
    "kubectl.kubernetes.io/default-container",
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "kubernetes.io/arch",
    "kubernetes.io/change-cause",
    "kubernetes.io/description",
    "kubernetes.io/hostname",
    "kubernetes.io/ingress.class",
    "kubernetes.io/metadata.name",
    "kubernetes.io/os",
    "kubernetes.io/service-account.name",
    "kueue.x-k8s.io/cluster-queue-name",
    "kueue.x-k8s.io/elastic-job",
    "kueue.x-k8s.io/job-completions-equal-parallelism",
    "kueue.x-k8s.io/job-min-parallelism",
    "kueue.x-k8s.io/job-uid",
    "kueue.x-k8s.io/local-queue-name",
    "kueue.x-k8s.io/managed",
    "kueue.x-k8s.io/max-exec-time-seconds",
    "kueue.x-k8s.io/multikueue-origin",
    "kueue.x-k8s.io/pod-group-fast-admission",
    "kueue.x-k8s.io/pod-group-name",
    "kueue.x-k8s.io/pod-group-pod-index",
    "kueue.x-k8s.io/pod-group-pod-index-label",
    "kueue.x-k8s.io/pod-group-serving",
    "kueue.x-k8s.io/pod-group-total-count",
    "kueue.x-k8s.io/pod-suspending-parent",
    "kueue.x-k8s.io/podset",
    "kueue.x-k8s.io/podset-group-name",
    "kueue.x-k8s.io/podset-preferred-topology",
    "kueue.x-k8s.io/podset-required-topology",
    "kueue.x-k8s.io/podset-slice-required-topology",
    "kueue.x-k8s.io/podset-slice-required-topology-constraints",
    "kueue.x-k8s.io/podset-slice-size",
    "kueue.x-k8s.io/podset-unconstrained-topology",
    "kueue.x-k8s.io/prebuilt-workload-name",
    "kueue.x-k8s.io/priority-boost",
    "kueue.x-k8s.io/priority-class",
    "kueue.x-k8s.io/provisioning-request",
    "kueue.x-k8s.io/queue-name",
    "kueue.x-k8s.io/retriable-in-group",
    "kueue.x-k8s.io/safe-to-forcefully-delete",
    "kueue.x-k8s.io/topology",
    "leaderworkerset.sigs.k8s.io/exclusive-topology",
    "leaderworkerset.sigs.k8s.io/group-index",
    "leaderworkerset.sigs.k8s.io/leader-name",
    "leaderworkerset.sigs.k8s.io/name",
    "leaderworkerset.sigs.k8s.io/replicas",
    "leaderworkerset.sigs.k8s.io/size",
    "leaderworkerset.sigs.k8s.io/subgroup-exclusive-topology",
    "leaderworkerset.sigs.k8s.io/subgroup-size",
    "leaderworkerset.sigs.k8s.io/worker-index",
    "node.kubernetes.io/instance-type",
    "nvidia.com/cuda.driver-version.full",
    "nvidia.com/cuda.driver-version.major",
    "nvidia.com/cuda.driver-version.minor",
    "nvidia.com/cuda.driver-version.revision",
    "nvidia.com/cuda.driver.major",
    "nvidia.com/cuda.driver.minor",
    "nvidia.com/cuda.driver.rev",
    "nvidia.com/cuda.runtime-version.full",
    "nvidia.com/cuda.runtime-version.major",
    "nvidia.com/cuda.runtime-version.minor",
    "nvidia.com/cuda.runtime.major",
    "nvidia.com/cuda.runtime.minor",
    "nvidia.com/gfd.timestamp",
    "nvidia.com/gpu.clique",
    "nvidia.com/gpu.compute.major",
    "nvidia.com/gpu.compute.minor",
    "nvidia.com/gpu.count",
    "nvidia.com/gpu.family",
    "nvidia.com/gpu.imex-domain",
    "nvidia.com/gpu.machine",
    "nvidia.com/gpu.memory",
    "nvidia.com/gpu.mode",
    "nvidia.com/gpu.present",
    "nvidia.com/gpu.product",
    "nvidia.com/gpu.replicas",
    "nvidia.com/gpu.sharing-strategy",
    "nvidia.com/mig.capable",
    "nvidia.com/mig.strategy",
    "nvidia.com/mps.capable",
    "nvidia.com/vgpu.host-driver-branch",
    "nvidia.com/vgpu.host-driver-version",
    "nvidia.com/vgpu.present",
    "pod-security.kubernetes.io/audit",
    "pod-security.kubernetes.io/audit-version",
    "pod-security.kubernetes.io/enforce",
    "pod-security.kubernetes.io/enforce-version",
    "pod-security.kubernetes.io/warn",
    "pod-security.kubernetes.io/warn-version",
    "prometheus.io/path",
    "prometheus.io/port",
    "prometheus.io/scheme",
    "prometheus.io/scrape",
    "scheduling.k8s.io/group-name",
    "scheduling.volcano.sh/queue-name",
    "sidecar.istio.io/inject",
    "storageclass.kubernetes.io/is-default-class",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "trainer.kubeflow.org/trainjob-ancestor-step",
    "training.kubeflow.org/job-name",
    "training.kubeflow.org/job-role",
    "training.kubeflow.org/operator-name",
    "training.kubeflow.org/replica-index",
    "training.kubeflow.org/replica-type",
});
static_assert(std::ranges::is_sorted(keys));

// Whether the words differ in one place by a letter or two, none of them a digit: keys are often numbered.
bool is_slip(std::string_view word, std::string_view known) {
    const auto front = std::ranges::mismatch(word, known);
    word.remove_prefix(static_cast<std::size_t>(front.in1 - word.begin()));
    known.remove_prefix(static_cast<std::size_t>(front.in2 - known.begin()));
    while (!word.empty() && !known.empty() && word.back() == known.back()) {
        word.remove_suffix(1);
        known.remove_suffix(1);
    }
    constexpr std::size_t most = 2;
    const bool numbered = word.find_first_of("0123456789") != std::string_view::npos;
    return word.size() <= most && known.size() <= most && !numbered;
}

// "" where none is meant.
std::string_view meant_key(std::string_view key) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos || std::ranges::binary_search(keys, key)) return "";
    constexpr std::size_t least = 5;  // names that are shorter are too near to each other
    const std::string_view name = key.substr(slash);
    const auto found = std::ranges::find_if(keys, [&](std::string_view known) {
        return is_slip(key, known) && (name.size() > least || known.ends_with(name));
    });
    return found == keys.end() ? "" : *found;
}

}  // namespace

std::optional<NearKey> nearly_known(std::string_view what, std::string_view key) {
    const std::string_view near = meant_key(key);
    if (near.empty()) return std::nullopt;
    return NearKey{"the " + std::string(what) + " key " + shown(key) + " is nearly a well-known one",
                   "did you mean '" + std::string(near) + "'?"};
}

}  // namespace ktrain::lint
