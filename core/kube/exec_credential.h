// Exec credential plugins (client.authentication.k8s.io/v1 and v1beta1): a program that prints a token or certificate.
#pragma once

#include <optional>
#include <string>

#include "core/kube/kubeconfig.h"
#include "core/kube/program.h"
#include "core/kube/timestamp.h"

namespace ktrain::kube {

struct ExecCredential {
    std::string token;
    std::string certificate, key;  // PEM
    std::optional<Time> expires;   // unset: good until the server says 401
};

// Runs the plugin of `user`. `ca` is the cluster's authority as PEM, for plugins that ask for it.
// Errors: Error{timed_out} when it was stopped at the limit of `run`, Error{denied} when the plugin fails or prints no
// credential, Error{not_found} with the kubeconfig's install hint when it is not installed, Error{input} when it needs
// a terminal and there is none.
ExecCredential run_exec_plugin(const UserEntry& user, const ClusterEntry& cluster, const std::string& ca, bool terminal,
                               const RunProgram& run);

}  // namespace ktrain::kube
