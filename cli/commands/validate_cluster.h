// What `ktrain validate --cluster` learns from a cluster: its version and the schemas that it serves.
#pragma once

#include <vector>

#include "cli/commands/cluster_flags.h"
#include "core/lint/lint.h"

namespace ktrain {

// Makes the cluster the target of the files. Reads /version, /openapi/v3 and one document for each apiVersion in them,
// which every authenticated user may. Errors: those of KubeClient; Error{failed} for answers that cannot be read.
void ask_cluster(term::Session& session, kube::KubeClient& client, const std::vector<lint::Source>& sources,
                 lint::Target& target);

}  // namespace ktrain
