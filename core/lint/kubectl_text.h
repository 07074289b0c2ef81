// What a reader of YAML takes and kubectl does not, which cuts a text into documents and knows JSON by itself.
#pragma once

#include <functional>

#include "core/base/yaml.h"
#include "core/lint/tool_files.h"

namespace ktrain::lint {

using ReaderOf = std::function<Reader(const yaml::Node& document)>;

// Adds KT001 for what is refused in a text that is good YAML by those who read its documents. Documents of JSON that
// kubectl cannot read are taken away.
void check_as_kubectl(const Source& source, const ReaderOf& reader_of, yaml::Stream& stream);

}  // namespace ktrain::lint
