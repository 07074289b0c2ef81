// Nodes of the object as values of the rule language, taken where they are: nothing is copied.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/base/yaml.h"
#include "core/cel/budget.h"
#include "core/cel/value.h"

namespace ktrain::cel {

// The value of a node; `typing` may be null. A node that is not of the declared type is a failure.
Value value_of(const yaml::Node& node, const Typing* typing, SchemaId schema);

// Lists, made by a rule or of the object.
std::size_t list_size(const Value& list);
Value list_item(const Value& list, std::size_t index);

// Maps, made by a rule or of the object. Keys of objects are escaped names.
std::size_t map_size(const Value& map);
Value map_key(const Value& map, std::size_t index);  // failure for a member that the schema does not know
std::optional<Value> map_find(const Value& map, const Value& key, Budget& budget);

// The member that `.name` selects; nullopt when it is absent.
std::optional<Value> select(const Value& map, std::string_view name, Budget& budget);

// The keys of a map in order, members unknown to the schema left out.
Values map_keys(const Value& map);

}  // namespace ktrain::cel
