// The text of a member of a map, for files that are no manifests.
#pragma once

#include <string_view>

#include "core/base/yaml.h"

namespace ktrain::lint {

// Also of a number or a boolean; "" for what is missing, null, a list or a map.
inline std::string_view scalar_of(const yaml::Node& node, std::string_view key) {
    const yaml::Node* found = node.find(key);
    const bool there = found != nullptr && found->is_scalar() && found->kind != yaml::Kind::null;
    return there ? std::string_view(found->text) : std::string_view();
}

}  // namespace ktrain::lint
