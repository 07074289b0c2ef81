// The table of checks of operators' kinds.
#include "core/lint/operators.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "core/base/text.h"

namespace ktrain::lint {
namespace {

struct Row {
    std::string_view group;
    std::string_view kind;
    OperatorCheck check;
    std::string_view version = {};  // the only one; empty: any

    constexpr std::tuple<std::string_view, std::string_view> key() const { return {group, kind}; }
};

constexpr std::array table{
    Row{"batch.volcano.sh", "CronJob", check_volcano_cron},  // volcano 1.15, pkg/webhooks/admission
    Row{"batch.volcano.sh", "Job", check_volcano_job},
    Row{"jobset.x-k8s.io", "JobSet", check_jobs_of_operators},   // jobset 0.12
    Row{"kubeflow.org", "MPIJob", check_mpi_job, "v2beta1"},     // mpi-operator 0.8, pkg/apis/kubeflow/validation
    Row{"kueue.x-k8s.io", "ClusterQueue", check_cluster_queue},  // kueue 0.19, pkg/webhooks and config
    Row{"kueue.x-k8s.io", "Cohort", check_cohort},
    Row{"kueue.x-k8s.io", "MultiKueueCluster", check_multi_kueue_cluster, "v1beta2"},
    Row{"kueue.x-k8s.io", "MultiKueueConfig", check_multi_kueue_config, "v1beta2"},
    Row{"kueue.x-k8s.io", "ResourceFlavor", check_flavor},
    Row{"kueue.x-k8s.io", "Topology", check_topology},
    Row{"kueue.x-k8s.io", "Workload", check_kueue_workload},
    Row{"leaderworkerset.x-k8s.io", "LeaderWorkerSet", check_group_set},  // lws 0.9, pkg/webhooks
    Row{"ray.io", "RayCluster", check_ray_cluster, "v1"},                 // kuberay 1.6, controllers/ray/utils
    Row{"ray.io", "RayCronJob", check_ray_cron, "v1"},
    Row{"ray.io", "RayJob", check_ray_job, "v1"},
    Row{"ray.io", "RayService", check_ray_service, "v1"},
    Row{"topology.volcano.sh", "HyperNode", check_volcano_topology},
    Row{"trainer.kubeflow.org", "ClusterTrainingRuntime", check_jobs_of_operators},  // trainer 2.3
    Row{"trainer.kubeflow.org", "TrainJob", check_jobs_of_operators},
    Row{"trainer.kubeflow.org", "TrainingRuntime", check_jobs_of_operators},
};
static_assert(std::ranges::is_sorted(table, {}, &Row::key));

}  // namespace

void check_operator_kind(const Object& object, Findings& findings) {
    const std::string_view group = group_of(object.api_version);
    const std::string_view kind = object.kind;
    const auto row = std::ranges::lower_bound(table, std::tuple(group, kind), {}, &Row::key);
    if (row == table.end() || row->key() != std::tuple(group, kind)) return;
    const std::string_view version = std::string_view(object.api_version).substr(group.size() + 1);
    if (row->version.empty() || row->version == version) row->check(object, findings);
}

}  // namespace ktrain::lint
