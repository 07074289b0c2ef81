// The kinds of workload that train: where the API has them, how they are suspended, and how their pods are found.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/client.h"

namespace ktrain::kube {

// Where the status of a kind has its counts of pods and its phase.
enum class StatusShape { job, job_set, replicas, train_job, workflow, volcano, ray };

// A kind that a workload makes, found by the label that has the workload's name as value.
struct ChildKind {
    std::string_view api_version, kind, label;
};

struct WorkloadKind {
    std::string_view group, kind, plural;
    std::array<std::string_view, 2> versions;  // the preferred one first
    StatusShape shape;
    std::array<std::string_view, 3> suspend;  // path of the boolean; empty: its spec has none
    std::string_view pod_label;               // of its pods, with its name as value
    std::string_view rank_key;                // label or annotation of its pods: the rank, or the index in a group
    std::array<ChildKind, 2> children;        // between it and its pods; empty ones last

    bool is(std::string_view group_, std::string_view kind_) const { return group == group_ && kind == kind_; }
    bool can_suspend() const { return !suspend[0].empty(); }
};

// Sorted by kind, then group. Sources: the API types of Kubernetes 1.36, JobSet 0.12, training-operator 1.9, Trainer
// 2.3, mpi-operator 0.6, Argo Workflows 4.1, Volcano 1.15, KubeRay 1.4.
std::span<const WorkloadKind> workload_kinds();

// The row of an object, whatever its version; nullptr when it is no workload.
const WorkloadKind* workload_kind(const Json& object);
const WorkloadKind* workload_kind(std::string_view group, std::string_view kind);

// The rows that a word of the command line means: kind, plural, either with ".group" or a short name, in any case
// ("pytorchjob", "jobs.batch.volcano.sh", "wf"). Empty when none.
std::vector<const WorkloadKind*> workload_kinds_named(std::string_view word);

// Where this server has the kind, in the first version of the row that it serves; nullopt when its CRD is not
// installed. Costs the discovery once in the life of the client, and nothing for batch/v1.
// Errors: those of KubeClient::resource other than that the kind is unknown.
std::optional<Resource> served(KubeClient& client, const WorkloadKind& kind);

// The label selector of a workload's pods ("training.kubeflow.org/job-name=cnn"); empty when there is none yet (a
// RayJob without a cluster).
std::string pod_selector(const WorkloadKind& kind, const Json& workload);

// Whether the spec suspends it. False for kinds that cannot.
bool is_suspended(const WorkloadKind& kind, const Json& workload);
// The merge patch that suspends or resumes.
Json suspend_patch(const WorkloadKind& kind, bool suspend);

// The rank of a pod in the workload's world, -1 when its labels do not tell. Of a kubeflow.org job with a master that
// is 0, and its workers follow; of a JobSet the jobs follow each other.
int rank_of(const WorkloadKind& kind, const Json& workload, const Json& pod);

}  // namespace ktrain::kube
