// Commands that name several workloads: finding each, and going on with the others where one fails.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands/cluster_flags.h"
#include "core/kube/workloads.h"

namespace ktrain {

// kube::find_workload in the namespace of the connection; says which kinds could not be looked at.
kube::Workload find_workload(term::Session& session, Cluster& cluster, const kube::WorkloadName& name);

// Which kinds of a list could not be read. Rights are missing for many kinds at once, and one sentence will do.
void say_unread(term::Session& session, const kube::UnreadKinds& unread);

// kube::keep_claims before a deletion, telling which. Errors: those, with what to do instead.
void keep_claims(term::Session& session, Cluster& cluster, const kube::Workload& workload);

// Does `work` to each workload until a stop signal comes: the error of one, which is told at once, does not keep the
// others from it unless all would meet it. Errors: that of the only one; of several, at the end, one that names those
// that failed and those that were not tried.
void for_each_workload(term::Session& session, const std::vector<kube::Workload>& workloads, std::string_view what,
                       const std::function<void(const kube::Workload&)>& work);

}  // namespace ktrain
