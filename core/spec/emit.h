// A spec's values as JSON and as YAML words.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/spec/bound.h"

namespace ktrain::spec {

// The value of a leaf: whole numbers as integers, an empty text as "".
Json leaf_json(const Bound& bound);

// The group as a JSON object in the order of its fields; what is empty is left out. With `defaults` (the same group of
// another spec) only what differs from them.
Json group_json(const Group& group, const Group* defaults = nullptr);

// A JSON value on one line of YAML: `0.001`, `"no"`, `[random_crop, horizontal_flip]`, `{team: vision}`.
std::string flow_text(const Json& value);

}  // namespace ktrain::spec
