// What a bundle needs of its cluster that the server's dry run does not look at, since it makes no pods.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/kube/submission.h"

namespace ktrain {

struct PreflightReport {
    Diagnostics findings;         // of severity error: it would never run as it is
    std::set<std::string> blind;  // why something was not checked: "no right to list nodes"
};

// Asks for what the objects name and do not bring (Secrets, ConfigMaps and their keys, claims, accounts, classes,
// queues, runtimes), for the level of Pod Security, the LimitRanges and quotas of their namespaces, and for the nodes;
// all at once. Jobs that are there already are left out. check() of the submission comes first.
// Errors: those of make_bundle; none for what may not be read.
PreflightReport preflight(kube::KubeClient& client, const kube::Submission& submission);

}  // namespace ktrain
