// What the functions and the operators of the rule language take and give, for the check of types before a rule runs.
#pragma once

#include <span>
#include <string>

#include "core/cel/functions.h"
#include "core/cel/known.h"
#include "core/cel/operators.h"

namespace ktrain::cel {

struct Answer {
    bool fits = true;
    Known gives;
    std::string problem;  // of a function that does not take the values
};

// A function of the table on values of these types; the receiver of a member function comes first.
Answer call_of(const Function& function, std::span<const Known> values);

// The two sides of an operator.
Answer operator_of(Operator op, std::span<const Known> values);

// What expressions of other forms do, as functions that have no name in a rule.
enum class Form { choose, index, index_optional, negate, or_else, or_value, sort_by };
Answer form_of(Form form, std::span<const Known> values);

}  // namespace ktrain::cel
