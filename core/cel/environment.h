// What an expression may name, by the place where it stands.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/cel/known.h"

namespace ktrain::cel {

struct Variable {
    std::string name;
    std::vector<std::string> fields = {};  // the only ones that it has; empty: any
    std::vector<Known> types = {};         // of those fields, where they are known
    Known type = {};
};

// Functions that are not everywhere.
enum class Library : std::uint8_t {
    base,
    authorizer,  // what a user may do
    mutation,    // Object{...} and JSONPatch{...}, too
    devices,     // cel.bind(x, value, expression), too
};

// Variables other than self and oldSelf are there for compile() alone: they have no value.
struct Environment {
    std::vector<Variable> variables = {{"self"}, {"oldSelf"}};
    std::vector<Library> libraries = {Library::base};

    bool has(Library library) const { return std::ranges::find(libraries, library) != libraries.end(); }
    const Variable* find(std::string_view name) const {
        for (const Variable& variable : variables) {
            if (variable.name == name) return &variable;
        }
        return nullptr;
    }
};

}  // namespace ktrain::cel
