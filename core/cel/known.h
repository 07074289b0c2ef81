// What is known of the type of a value before a rule runs, and which types go together for an API server.
//
// Source: cel-go checker/types.go.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cel/typing.h"
#include "core/cel/value.h"

namespace ktrain::cel {

// A type; or that the server, too, knows none (`dynamic`); or that nothing settles it, as of the items of [] (`free`).
// Else nothing is known, and nothing is said of the value.
struct Known {
    std::optional<SchemaId> schema = {};  // that declares it
    std::optional<Type> type = {};
    bool dynamic = false;
    bool free = false;
    std::vector<Known> parts = {};  // of a list its items, of a map its keys and values, what an optional value holds
    std::string name = {};          // of an object, where it has one; objects are maps without parts

    Known part(std::size_t i) const { return i < parts.size() ? parts[i] : Known{}; }
    bool is_object() const { return type == Type::map && parts.empty(); }
    bool is_unknown() const { return !type && !dynamic && !free; }
};

Known known_as(Type type);
Known list_of(Known item);
Known map_of(Known key, Known value);
Known optional_of(Known held);
Known object_named(std::string name);
Known dynamic();
Known free_type();

// Whether one can stand where the other is wanted: null can where objects, times and Kubernetes' own types are.
bool assignable(const Known& a, const Known& b);
// The more general of two that are assignable.
Known joined(const Known& first, const Known& second);
// Whether they are the same, as far as they are known; what may be of any type is the same as its like alone.
bool equivalent(const Known& a, const Known& b);
// What nothing settled may be of any type in the end.
Known settled(Known known);

// How many types it is made of, itself included.
std::size_t count_parts(const Known& known);

// "an int", "a string".
std::string typed(Type type);
// Also "a list of string" and "an object", and "a value" where nothing is known.
std::string described(const Known& known);

}  // namespace ktrain::cel
