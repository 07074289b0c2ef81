// What `submit` puts on the cluster: a spec, planned and rendered, or manifests that are ready as they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands/spec_input.h"
#include "core/base/json.h"

namespace ktrain {

// The objects in the order of applying; nothing when the spec has problems, which are on stderr then (the exit code is
// exit_code::invalid). FILE is the input's argument, "-" standard input. A spec that names no namespace gets
// `default_namespace`; `forced_namespace` (of -n) wins over the spec's and must agree with manifests that name one.
// Errors: Error{input} with the place of the first problem.
std::optional<std::vector<Json>> read_bundle(term::Session& session, SpecInput& input,
                                             const std::string& forced_namespace, const std::string& default_namespace);

}  // namespace ktrain
