// One workload with its pods and events, followed live.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/kube/feed.h"
#include "core/kube/job.h"
#include "core/kube/workload_pods.h"
#include "core/kube/workloads.h"

namespace ktrain::kube {

class JobWatch {
public:
    // A batch/v1 Job.
    JobWatch(KubeClient& client, const std::string& in_namespace, const std::string& name);
    // That very object, when it has a uid: one that comes later under the same name is another.
    JobWatch(KubeClient& client, const std::string& in_namespace, const Workload& workload);

    // Moves the watches on; call it between the client's turns. Errors: those of Feed::step for the job and its
    // pods. Events that cannot be read are done without: for good when that is denied, else for a while.
    void step();

    // True when anything changed since the last call; the values below are those of that moment.
    bool refresh();

    // Whether the job, and if there is one its pods, are known; nothing is before.
    bool listed() const { return job_feed_.listed() && (!job_ || pod_feed_.listed()); }

    // nullopt: there is no such job (any more), or another one of the same name. With what its pods add.
    const std::optional<WorkloadState>& job() const { return job_; }
    // With the pods that failed and are gone already.
    const std::vector<PodState>& pods() const { return pods_; }
    const std::vector<EventLine>& events() const { return events_; }
    // What is wrong with the connection at present, if anything.
    std::optional<Retry> trouble() const;

private:
    void step_events();
    Json find_job() const;
    Objects own_pods() const;

    std::string uid_;  // of the job first seen: one that comes later under the same name is another
    KubeClient& client_;
    const WorkloadKind* kind_;
    Resource resource_;
    Feed job_feed_, pod_feed_, job_event_feed_, pod_event_feed_;
    std::string name_;
    bool events_readable_ = true;
    std::chrono::steady_clock::time_point events_due_{};
    std::optional<WorkloadState> job_;
    std::vector<PodState> pods_;
    std::vector<EventLine> events_;
    std::map<std::string, PodState> lost_;
};

}  // namespace ktrain::kube
