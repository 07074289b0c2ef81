// What one object says differently from another one, field by field, for people to read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"

namespace ktrain::kube {

// What `after` says differently from `before`, apart from the server's bookkeeping and ktrain's:
// "spec.hard.requests.nvidia.com/gpu: 8 -> 4", entries of a list by their names where they have them. Of a Secret, and
// of what by its name, its flag or its text is one: "data.token: another value". Empty when it says the same.
std::vector<std::string> changes(const Json& before, const Json& after);

// The same for what `wanted` says alone: the defaults and the additions of others in `there` do not count.
std::vector<std::string> wanted_changes(const Json& there, const Json& wanted);

// The ConfigMaps that two jobs mount as the same volume, the first one's name first. Where the names differ `wanted`
// has that of the first one afterwards: it is their content that counts.
std::vector<std::pair<std::string, std::string>> mounted_config_maps(const Json& there, Json& wanted);

// What the files of a ConfigMap say differently: field by field in those that are YAML ("training.learning_rate: 0.0002
// -> 0.0001"), else that they differ.
std::vector<std::string> file_changes(const Json& before, const Json& after);

}  // namespace ktrain::kube
