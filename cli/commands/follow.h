// Follows a job to its end: progress on stderr, logs on stdout, an exit code that says how it ended.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/commands/cluster_flags.h"
#include "core/kube/workloads.h"

namespace ktrain {

// What ends the wait.
enum class Goal { ended, complete, failed, running, deleted };

struct FollowOptions {
    bool logs = false;
    std::optional<std::chrono::seconds> timeout;
    // When the timeout began, where that was before this call; the job is looked at once however long ago.
    std::optional<std::chrono::steady_clock::time_point> since = {};
    std::string cluster_words;  // flags for the commands that are suggested
    Goal goal = Goal::ended;
};

// 0 complete, 3 failed or deleted, 4 not ended in time, 130/143 interrupted (the job runs on). With another goal than
// its end: 0 as soon as it is reached, 3 when it no longer can be. One that is complete has been running.
// Errors: Error{not_found} when there is no such job, Error{unreachable} when the server stays away.
int follow_workload(term::Session& session, Cluster& cluster, const std::string& in_namespace,
                    const kube::Workload& workload, const FollowOptions& options);

}  // namespace ktrain
