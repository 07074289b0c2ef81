// Builds a program bottom-up: adds expressions, knows the variables in scope, keeps the first problem.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cel/environment.h"
#include "core/cel/program.h"

namespace ktrain::cel {

using Id = std::uint32_t;
inline constexpr Id bad = 0;  // the expression that stands for a problem

class Builder {
public:
    Builder(std::string_view text, const Environment& environment);

    // Keeps the first problem only; the parser goes on with `bad` until its tokens end.
    Id fail(int column, std::string message);
    bool failed() const { return problem_.has_value(); }
    const Problem& problem() const { return *problem_; }

    Id add(Op op, int column, const std::vector<Id>& children, std::uint32_t data = 0);
    Id literal(int column, Value value);
    Id name(int column, std::string_view name);  // a variable, a type, or the front of a longer name
    Id select(Op op, int column, Id from, std::string_view name);
    // A function of the table on values; a member's receiver comes first.
    Id call(int column, std::string_view name, bool member, const std::vector<Id>& values);
    // Object.spec{replicas: 3}: fields with their values.
    Id object(int column, std::string_view type, const std::vector<std::string_view>& fields,
              const std::vector<Id>& values);
    Id bind(int column, std::uint32_t slot, Id value, Id result);  // cel.bind()
    // The dotted name that an expression is so far; empty when it is none.
    std::string_view unresolved(Id id) const;
    Expression& operator[](Id id) { return program_.expressions[id]; }

    std::uint32_t open(std::string_view variable);  // the slot of a macro's variable
    void close(std::size_t count) { scope_.resize(scope_.size() - count); }

    Program finish(Id root);

private:
    void add_pattern(Id call, Id pattern);
    // What compiles and has no value: it belongs to a place whose expressions are not evaluated here.
    Id opaque(int column);
    std::uint32_t declare(Known type);  // its number from 1; 0 of what is not known

    Program program_;
    const Environment& environment_;
    std::vector<std::string_view> scope_;
    std::vector<std::pair<Id, const Variable*>> opaque_;
    std::optional<Problem> problem_;
};

}  // namespace ktrain::cel
