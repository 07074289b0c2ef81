// Follows a job to its end: progress on stderr, logs on stdout, an exit code that says how it ended.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/commands/cluster_flags.h"

namespace ktrain {

struct FollowOptions {
    bool logs = false;
    std::optional<std::chrono::seconds> timeout;
    std::string cluster_words;  // flags for the commands that are suggested
};

// 0 complete, 3 failed or deleted, 4 not ended in time, 130/143 interrupted (the job runs on).
// Errors: Error{not_found} when there is no such job, Error{unreachable} when the server stays away.
int follow_job(term::Session& session, Cluster& cluster, const std::string& in_namespace, const std::string& name,
               const FollowOptions& options);

}  // namespace ktrain
