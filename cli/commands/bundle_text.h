// How a bundle of Kubernetes objects is printed for people and kubectl.
#pragma once

#include <string>
#include <vector>

#include "cli/term/output.h"
#include "core/base/json.h"

namespace ktrain {

// YAML: a stream of documents; JSON: a List.
std::string bundle_text(const std::vector<Json>& objects, term::Format format);

}  // namespace ktrain
