// What is wrong with types that do not go together, in words.
#pragma once

#include <string>
#include <string_view>

#include "core/cel/known.h"
#include "core/cel/operators.h"

namespace ktrain::cel {

// Both in words, in full where that alone tells them apart.
std::string either(const Known& a, const Known& b, std::string_view between);
// Why an operator does not take both.
std::string mismatch(Operator op, const Known& left, const Known& right);

}  // namespace ktrain::cel
