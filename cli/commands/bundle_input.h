// What `submit` puts on the cluster: a spec, planned and rendered, or manifests that are ready as they are.
#pragma once

#include <string>
#include <vector>

#include "cli/term/session.h"
#include "core/base/json.h"

namespace ktrain {

struct Bundle {
    std::vector<Json> objects;  // in the order of applying
    bool from_spec = false;
};

// Reads FILE ("-" is standard input). A spec that names no namespace gets `default_namespace`; `forced_namespace`
// (of -n) wins over the spec's and must agree with manifests that name one.
// Errors: Error{input} with the place of the first problem; all problems of a spec are shown on stderr before.
Bundle read_bundle(term::Session& session, const std::string& path, const std::vector<std::string>& sets,
                   const std::string& forced_namespace, const std::string& default_namespace);

}  // namespace ktrain
