// Turns the changes of a finding into edits of the text that it was found in, and leaves the rest of the text alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/yaml_extents.h"

namespace ktrain::lint {

// What stands between two offsets of Extents::text() becomes `text`.
struct TextEdit {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string text;
};

// In the order of the text. Nothing when they cannot be made without harm: what is to change is not written at its
// place (an alias, a merge key), or a comment would be lost.
std::optional<std::vector<TextEdit>> edits_of(const yaml::Extents& extents, const Diagnostic& finding);

// Whether one edit leaves no place for the other: they must be made one after the other.
bool collide(const TextEdit& a, const TextEdit& b);

// The original text with the edits made, which must not collide; new lines end as its lines do.
std::string edited(const std::string& original, const yaml::Extents& extents, std::vector<TextEdit> edits);

// The same on the value of the document. False when a path leads nowhere.
bool apply_changes(Json& document, const std::vector<Change>& changes);

// One step of a JSON path.
struct PathStep {
    std::string key;
    std::optional<std::size_t> index;  // of a list
};
std::vector<PathStep> steps_of(std::string_view path);

}  // namespace ktrain::lint
