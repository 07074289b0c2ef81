// Structural defaults: what an API server fills into a custom resource before it looks at it.
#pragma once

#include "core/base/yaml.h"

namespace ktrain::lint {

// The value with the defaults of its schema, and without null where the schema wants a value. What is filled in stands
// where its owner stands. Source: apiextensions-apiserver pkg/apiserver/schema/defaulting.
yaml::Node with_defaults(const yaml::Node& value, const yaml::Node& schema);

}  // namespace ktrain::lint
