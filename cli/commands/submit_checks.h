// What `submit` tells and checks beyond the server's dry run: the plan in a line, and the quotas.
#pragma once

#include <vector>

#include "cli/commands/cluster_flags.h"
#include "core/kube/submission.h"

namespace ktrain {

// One line for each job: what will run, and where.
void say_plan(term::Session& session, const Cluster& cluster, const std::vector<Json>& objects);

// The server checks no pods in a dry run, so their sum is held against the quotas here. A job that is there already
// has its pods counted. Errors: Error{denied} when the pods would never be let in.
void check_quotas(term::Session& session, Cluster& cluster, const kube::Submission& submission);

// Warns of jobs that have ended already: nothing will run, and --wait tells how they ended then.
void tell_old_jobs(term::Session& session, const kube::Submission& submission);

}  // namespace ktrain
