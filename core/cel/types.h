// What is known of the types of a rule's expressions before it runs.
#pragma once

#include <optional>
#include <vector>

#include "core/cel/program.h"

namespace ktrain::cel {

struct Types {
    std::vector<Known> known;        // by expression
    std::optional<Problem> problem;  // the first
};

// `typing` may be null: then nothing is known of self. oldSelf is as self, unless it is optional.
Types types_of(const Program& program, const Typing* typing, SchemaId self, bool optional_old_self);

// The type of a declared value, where it has one alone.
std::optional<Type> type_of(As as);

}  // namespace ktrain::cel
