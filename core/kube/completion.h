// Names for the shell's completion: quick, and silent when anything is wrong.
#pragma once

#include <string>
#include <vector>

#include "core/kube/kubeconfig.h"

namespace ktrain::kube {

// Contexts of the kubeconfig; asks no server.
std::vector<std::string> list_contexts(const ConnectionFlags& flags, const Env& env, const Files& files);

// These ask the server, for two seconds at most, and run a credential plugin for as long; none that asks questions.
std::vector<std::string> list_namespaces(const ConnectionFlags& flags, const Env& env, const Files& files,
                                         Clock& clock);
// Training jobs of the namespace.
std::vector<std::string> list_jobs(const ConnectionFlags& flags, const Env& env, const Files& files, Clock& clock);

}  // namespace ktrain::kube
