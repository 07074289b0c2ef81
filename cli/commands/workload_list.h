// The workloads of a namespace, as `list` and `status` without a name show them.
#pragma once

#include <string>

#include "cli/commands/cluster_flags.h"

namespace ktrain {

struct WorkloadListFlags {
    bool all_namespaces = false, mine = false, all = false;
    std::string labels;
    std::string output = "table";

    void declare(term::Flags& flags);
    // Prints them. Errors: as kube::list_workloads.
    void show(term::Session& session, Cluster& cluster) const;
};

}  // namespace ktrain
