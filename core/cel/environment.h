// What an expression may name, by the place where it stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cel/typing.h"
#include "core/cel/value.h"

namespace ktrain::cel {

struct Variable {
    std::string name;
    std::vector<std::string> fields = {};         // the only ones that it has; empty: any
    std::vector<std::optional<Type>> types = {};  // of those fields, where they are known
    std::optional<SchemaId> schema = {};          // that declares it
};

// Variables other than self and oldSelf are there for compile() alone: they have no value.
struct Environment {
    std::vector<Variable> variables = {{"self"}, {"oldSelf"}};
    bool authorizer = false;  // functions that ask what a user may do
    bool objects = false;     // Object{...} and JSONPatch{...} of mutations
    bool bind = false;        // cel.bind(x, value, expression)

    const Variable* find(std::string_view name) const {
        for (const Variable& variable : variables) {
            if (variable.name == name) return &variable;
        }
        return nullptr;
    }
};

}  // namespace ktrain::cel
