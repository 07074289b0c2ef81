// The way from an object down to a value of it. Its path is written out only when there is something to report.
#pragma once

#include <string_view>

#include "core/lint/object.h"

namespace ktrain::lint {

// Lives on the stack of the walk; good as long as what it points to.
struct Trail {
    const yaml::Node* node = nullptr;
    const Trail* parent = nullptr;    // nullptr: `root` says where it begins
    const yaml::Node* key = nullptr;  // of a map's member
    std::string_view name;            // the member's
    std::size_t index = 0;            // of a list's item
    const Spot* root = nullptr;

    bool is(yaml::Kind kind) const { return node->kind == kind; }
    std::string_view text() const { return node->is_scalar() ? std::string_view(node->text) : std::string_view(); }

    Spot spot() const {
        if (parent == nullptr) return *root;
        const Spot above = parent->spot();
        if (key != nullptr) return {node, key, join_path(above.path, std::string(name)), key->line, key->column};
        return {node, nullptr, join_path(above.path, index), node->line, node->column};
    }
    // A member that is not there.
    Spot missing(std::string_view member) const {
        const Spot here = spot();
        const Place place = here.key_place();
        return {nullptr, nullptr, join_path(here.path, std::string(member)), place.line, place.column};
    }
    // "containers[1]", "name".
    std::string last_step() const {
        if (key != nullptr) return std::string(name);
        const std::string path = spot().path;
        return path.substr(path.rfind('.') + 1);
    }
};

}  // namespace ktrain::lint
