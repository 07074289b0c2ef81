// What a rule may cost an API server, estimated as it does before it takes the rule.
#pragma once

#include <cstdint>

#include "core/cel/program.h"
#include "core/cel/typing.h"

namespace ktrain::cel {

// At most, for the largest value that the schema allows; 2^64 - 1 for more than can be counted. What is not known of a
// value (its type, the cost of a rare function) counts as little as it may: a server never says less, though it may say
// more. Source: cel-go checker/cost.go; apiserver pkg/cel/library/cost.go.
std::uint64_t estimated_cost(const Program& rule, const Typing& typing, SchemaId self, bool optional_old_self = false);

}  // namespace ktrain::cel
