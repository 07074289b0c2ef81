// What `submit` puts on the cluster: a spec, planned and rendered, or manifests that are ready as they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands/spec_input.h"
#include "core/base/json.h"

namespace ktrain {

// Five of the letters that Kubernetes makes names of. No two calls get the same in one microsecond.
std::string new_suffix(const Clock& clock);

struct BundleInput {
    std::vector<Json> objects;         // in the order of applying
    std::optional<TrainingSpec> spec;  // that they were made from
};

// Nothing when the spec has problems, which are on stderr then (the exit code is
// exit_code::invalid). FILE is the input's argument, "-" standard input. A spec that names no namespace gets
// `default_namespace`; `forced_namespace` (of -n) wins over the spec's and must agree with manifests that name one.
// `suffix` is added to the name of the job and, in a spec, of all that follows from it; a manifest may have
// generateName then. Errors: Error{usage} when manifests name objects that serve one job alone, whose names cannot
// follow; Error{input} with the place of the first problem.
std::optional<BundleInput> read_bundle(term::Session& session, SpecInput& input, const std::string& forced_namespace,
                                       const std::string& default_namespace, const std::string& suffix = "");

}  // namespace ktrain
