// The functions of the rule language: one table, looked up while a rule is compiled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/regex.h"
#include "core/cel/budget.h"
#include "core/cel/environment.h"
#include "core/cel/value.h"

namespace ktrain::cel {

// Patterns that are no literals, kept for the length of one evaluation.
using Patterns = std::map<std::string, std::shared_ptr<const Regex>, std::less<>>;

// What a function is called with. Values are never failures; the receiver of a member function comes first.
struct Call {
    std::string_view name;
    std::span<const Value> values;
    Budget& budget;
    Patterns& patterns;
    const Regex* pattern = nullptr;  // the compiled second value, if that is a literal

    const Value& operator[](std::size_t i) const { return values[i]; }
    std::size_t size() const { return values.size(); }
    bool has(std::size_t i, Type type) const { return i < values.size() && values[i].is(type); }
    // "no such overload" for the types that the values have.
    Value wrong() const;
};

enum class Style : std::uint8_t { global, member };

struct Function {
    std::string_view name;  // "size", "optional.of"
    Style style;
    std::uint8_t least, most;  // values, the receiver included
    Value (*handler)(const Call&);
    bool takes_pattern = false;  // the second value is a regular expression
    Library library = Library::base;
};

std::span<const Function> functions();  // sorted by name, then style

// The row of a function; nullopt when there is none of that name and style.
std::optional<std::size_t> find_function(std::string_view name, Style style);
// The name that was probably meant, or empty.
std::string nearest_function(std::string_view name, Style style, const Environment& environment);

// The name of a type as a value: "int", "google.protobuf.Duration". nullopt for names that are no types.
std::optional<TypeName> find_type(std::string_view name);

}  // namespace ktrain::cel
