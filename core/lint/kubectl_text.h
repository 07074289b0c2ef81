// What a reader of YAML takes and kubectl does not, which cuts a text into documents and knows JSON by itself.
#pragma once

#include "core/base/yaml.h"
#include "core/lint/object.h"

namespace ktrain::lint {

// Adds KT001 for what kubectl refuses in a text that is good YAML. Documents of JSON that it cannot read are taken
// away.
void check_as_kubectl(const Source& source, yaml::Stream& stream);

}  // namespace ktrain::lint
