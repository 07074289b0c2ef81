// What a field means, in the manner of kubectl explain, and the page docs/spec.md that says it of all fields.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::spec {

// `path` is a path ("training.learning_rate", "cluster.volumes.size"), the name of a leaf that is unique
// ("learning_rate"), or "" or "spec" for the list of groups.
// Errors: Error{usage} for a field that does not exist, with the nearest one.
std::string explain(std::string_view path);

// docs/spec.md from its first heading on.
std::string reference_page();

}  // namespace ktrain::spec
