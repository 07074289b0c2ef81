// What the functions of the rule language take and give, for the check of types before a rule runs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/cel/functions.h"

namespace ktrain::cel {

// What is known of a value: nothing, or its type; of a list, the type of its items.
struct Shape {
    std::optional<Type> type = {};
    std::optional<Type> item = {};

    friend bool operator==(const Shape&, const Shape&) = default;
};

// "an int", "a string".
std::string typed(Type type);
// Also "a list of string", and "a value" where nothing is known.
std::string described(const Shape& shape);

struct Answer {
    std::string problem;  // empty where the function takes the values
    Shape gives;
};

// A function of the table on values of these shapes; the receiver of a member function comes first.
Answer call_of(const Function& function, std::span<const Shape> values);

}  // namespace ktrain::cel
