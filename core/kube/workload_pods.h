// The pods of a workload with their ranks, and what they add to what its status tells.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/kube/job.h"
#include "core/kube/workloads.h"

namespace ktrain::kube {

// Objects that are kept elsewhere: a follower looks at all pods of a job at every change of one.
using Objects = std::vector<const Json*>;
Objects pointers(const std::vector<Json>& objects);

// By rank, then by age: of two pods with the same rank the newer one is last. Ranks are those of the workload's kind.
std::vector<PodState> pods_of(const Json& workload, const Objects& pods);

// Restarts of containers, pods that run before the controller counts them as ready, the phases starting and running,
// and progress that a pod reports.
void add_pods(WorkloadState& state, const Json& workload, const Objects& pods);

// Made by ktrain, of a kind that is there to train, or with pods that ask for an accelerator: a Job or Workflow without
// any of these is some other batch work.
bool trains(const Workload& workload);

// The states of workloads with what their pods add: one list of pods for each kind of label, of those that have not
// ended. Pods that may not be read are done without.
std::vector<WorkloadState> states_of(KubeClient& client, const std::string& in_namespace,
                                     const std::vector<Workload>& workloads);

// The workloads that wait in a Kueue LocalQueue, the next one first, from the visibility API in one of its versions;
// nothing where the server has none. Errors: those of KubeClient::read.
inline constexpr std::array<const char*, 2> visibility_versions{"v1beta2", "v1beta1"};
std::optional<std::vector<Json>> pending_workloads(KubeClient& client, const char* version,
                                                   const std::string& in_namespace, const std::string& queue);

// The places of queued workloads in their Kueue LocalQueues, from 1, by uid of the workload; from the visibility API,
// where the server has it. Empty when it has none, may not be asked or does not answer.
std::map<std::string, int> queue_positions(KubeClient& client, const std::vector<WorkloadState>& states);

}  // namespace ktrain::kube
