// What is known of the types of a rule's expressions before it runs.
#pragma once

#include <optional>
#include <vector>

#include "core/cel/program.h"
#include "core/cel/typing.h"
#include "core/cel/value.h"

namespace ktrain::cel {

// What is known of a value: nothing, its type, or the schema that declares it.
struct Known {
    std::optional<SchemaId> schema = {};
    std::optional<Type> type = {};
    std::optional<Type> item = {};  // of a list
    bool dynamic = false;           // the schema says that it may be of any type
};

struct Types {
    std::vector<Known> known;        // by expression
    std::optional<Problem> problem;  // the first
};

// `typing` may be null: then nothing is known of self. oldSelf is as self, unless it is optional.
Types types_of(const Program& program, const Typing* typing, SchemaId self, bool optional_old_self);

// The type of a declared value, where it has one alone.
std::optional<Type> type_of(As as);

}  // namespace ktrain::cel
