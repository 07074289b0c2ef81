// The operators of the rule language on values: arithmetic with overflow errors, order, and equality across types.
#pragma once

#include <compare>
#include <optional>

#include "core/cel/budget.h"
#include "core/cel/value.h"

namespace ktrain::cel {

enum class Operator { add, subtract, multiply, divide, remainder, equals, differs, less, at_most, more, at_least, in };

// Whether its result is true or false.
constexpr bool is_condition(Operator op) {
    return op >= Operator::equals;
}

Value apply(Operator op, const Value& left, const Value& right, Budget& budget);
Value negative(const Value& value);

// Values of different types are unequal, numbers compare by their value; maps and lists by their members.
bool equal(const Value& left, const Value& right, Budget& budget);

// nullopt when the two have no order (different types, lists, null). NaN is unordered.
std::optional<std::partial_ordering> order(const Value& left, const Value& right);

// Whether a list holds a value, or a map has a key.
Value contains(const Value& container, const Value& wanted, Budget& budget);

// list[int] and map[key]; nullopt when there is nothing at it. A failure for a wrong kind of key.
std::optional<Value> at(const Value& container, const Value& key, Budget& budget);

// An integral number as an index; nullopt for other values.
std::optional<std::int64_t> index_of(const Value& key);

// "no such overload": what was wanted of which types.
Value no_overload(std::string_view what, std::initializer_list<const Value*> values);

}  // namespace ktrain::cel
