// What other trainers' files and command lines say that has nothing to set here: accepted, and said to be without
// effect.
#pragma once

#include <span>
#include <string_view>

namespace ktrain::spec {

struct ForeignField {
    std::string_view group;     // in a document
    std::string_view name;      // there, and as a flag
    std::string_view accepted;  // the only value that asks for nothing else; empty: every value
    std::string_view why;       // why it has no effect, or why another value cannot be had
};

std::span<const ForeignField> foreign_fields();  // sorted by name
const ForeignField* find_foreign(std::string_view name);
bool asks_nothing(const ForeignField& foreign, std::string_view value);

}  // namespace ktrain::spec
