// Evaluates a compiled expression on the values of its variables.
#pragma once

#include <cstdint>
#include <vector>

#include "core/cel/budget.h"
#include "core/cel/functions.h"
#include "core/cel/program.h"

namespace ktrain::cel {

struct Variables {
    Value self, old_self;
};

class Evaluator {
public:
    Evaluator(const Program& program, Variables variables, std::int64_t steps)
        : program_(program), variables_(std::move(variables)), budget_(steps), slots_(program.slots) {}

    // The value of the whole expression, or a failure.
    Value run();
    std::int64_t steps_left() const { return budget_.left(); }

private:
    Value value(std::uint32_t id);  // of an expression; a failure gets its column
    Value dispatch(const Expression& e);
    std::uint32_t child(const Expression& e, std::size_t i) const { return program_.children[e.first + i]; }
    Value chain(const Expression& e, bool ends);
    Value choose(const Expression& e);
    Value binary(const Expression& e);
    Value unary(const Expression& e);
    Value select(const Expression& e);
    Value has(const Expression& e);
    Value index(const Expression& e);
    Value list(const Expression& e);
    Value map(const Expression& e);
    Value call(const Expression& e);
    Value or_else(const Expression& e);

    // evaluator_macros.cpp
    Value macro(const Expression& e);
    struct Turns;  // the range of a macro, one turn an item
    Value quantifier(const Expression& e, Turns& turns);
    Value one(const Expression& e, Turns& turns);
    Value collect(const Expression& e, Turns& turns);
    Value collect_map(const Expression& e, Turns& turns);
    Value sort_by(const Expression& e, Turns& turns);
    Value opt_map(const Expression& e, const Value& range);
    // True when a filter (the expression before the last) lets the turn through.
    Value passes(const Expression& e);

    const Program& program_;
    Variables variables_;
    Budget budget_;
    std::vector<Value> slots_;
    Patterns patterns_;
};

// Adds an entry to a map that is being made, in the place of an older one of its key if it may replace one; else that
// is a failure, as a key of another type is.
Value insert(Map& map, Value key, Value value, bool replace, Budget& budget);

}  // namespace ktrain::cel
