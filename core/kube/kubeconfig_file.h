// One kubeconfig file: from YAML to entries, every problem with its line.
#pragma once

#include <string>
#include <string_view>

#include "core/kube/kubeconfig.h"

namespace ktrain::kube {

// `folder` is what relative paths in the file are relative to. Errors: Error{input} with the place of the first
// problem.
Kubeconfig parse_kubeconfig(std::string_view text, const std::string& file, const std::string& folder);

}  // namespace ktrain::kube
