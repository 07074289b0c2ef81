// Other names of fields: those of the handbook's training_config.yaml and of its training scripts' flags.
#pragma once

#include <span>
#include <string_view>

#include "core/base/yaml.h"
#include "core/spec/read.h"

namespace ktrain::spec {

struct Alias {
    std::string_view written;   // "group.key" in a document; its last part as a flag
    std::string_view meant;     // path in the spec
    std::string_view yes = {};  // what `true` means, where the spec has no boolean; `false` reads as "no"
};

std::span<const Alias> aliases();  // sorted by what is written

// Gives every key of a document without apiVersion its name in the spec; keys and values keep their lines.
void apply_aliases(yaml::Node& document, Report& report);

// The field that a flag or a last part of a key of the handbook means ("epochs"), or empty.
std::string_view meant_by(std::string_view leaf);

}  // namespace ktrain::spec
