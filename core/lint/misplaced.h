// Where a field belongs that stands in an object which has no such field: above it, below an object that was left out,
// in an earlier release, or under another name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/rule.h"
#include "core/lint/schema.h"
#include "core/lint/trail.h"

namespace ktrain::lint {

// An object on the way down to the field, with what its schema has.
struct Level {
    const Trail* at;
    Type type;
};

struct Home {
    std::string path;                   // of the object that has such a field; empty: the root
    const yaml::Node* above = nullptr;  // which is there, and misses ...
    std::string member;                 // ... this: the field, or what was left out on the way to it
};

// `levels`: from the root to the object that does not know the field. The nearest object above wins; below, only
// required objects that are missing are looked into. None where the field is nowhere.
std::optional<Home> home_of(std::string_view field, const yaml::Node& value, std::span<const Level> levels);

// Fields of an object in these versions.
std::vector<std::string_view> names_of(Type type, Minors minors);

// KT003, a warning: a field that an open schema does not have, and one that it has and nobody wrote is nearly called.
// Not where that must be there: it is missing then.
void check_kept(Findings& findings, const Trail& at, Type type, Minors minors);

// A field that an operator had in earlier releases, and has no more.
struct GoneField {
    std::string_view group;
    std::string_view kind;   // the end of it: TrainingRuntime is ClusterTrainingRuntime, too
    std::string_view path;   // in the object; with a '=' behind it: that it could hold texts
    std::string_view since;  // the first release without it
    std::string_view instead;
};

// nullptr: no release is known that had the field.
const GoneField* gone_field(std::string_view group, std::string_view kind, std::string_view path);

}  // namespace ktrain::lint
