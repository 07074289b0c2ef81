// Rules of `x-kubernetes-validations` in CEL: compiled once, then evaluated on objects as an API server does.
//
// Nothing here reads a schema: the caller says through `Typing` what the types of fields are.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/yaml.h"
#include "core/cel/environment.h"
#include "core/cel/program.h"
#include "core/cel/typing.h"

namespace ktrain::cel {

// Never throws on a bad rule: the problem says what is wrong, at which byte of the rule.
std::variant<Program, Problem> compile(std::string_view rule, const Environment& environment = {});

// The type of its value, as far as fields, items, operators, functions and the variables of macros lead. oldSelf is as
// `self`, unless it is optional. `typing` may be null.
Known type_of(const Program& expression, const Typing* typing, SchemaId self = 0, bool optional_old_self = false);

// The first field that the rule takes of a part of `self` whose schema does not have it, the first types that do not go
// together or that a function does not take, or that its value is none of the `wanted` types, if there are any.
std::optional<Problem> type_problem(const Program& rule, const Typing* typing, SchemaId self,
                                    std::span<const Known> wanted = {}, bool optional_old_self = false);

// A part of an object as a rule sees it. The node must live as long as the evaluation.
struct Subject {
    const yaml::Node* node = nullptr;
    const Typing* typing = nullptr;  // null: every value is what its node is
    SchemaId schema = 0;
};

struct Context {
    Subject self;
    std::optional<Subject> old_self;  // of an update
    bool optional_old_self = false;   // optionalOldSelf of the rule: oldSelf is an optional value
    std::int64_t steps = 1'000'000;   // what it may cost
};

enum class Verdict {
    holds,
    broken,
    skipped,  // a transition rule (it mentions oldSelf) on a new object
    failed,   // no answer: `text` says why, at which byte of the rule
    unknown,  // no answer here, while a server has one
};

struct Outcome {
    Verdict verdict = Verdict::failed;
    std::string text;
    int column = 0;          // from 1; 0 when the whole rule is meant
    std::int64_t steps = 0;  // what it cost
};

Outcome evaluate(const Program& rule, const Context& context);

// The text of a messageExpression. nullopt when it fails, is no string, is empty or has several lines: a server then
// falls back to `message`. `steps`: what it cost.
std::optional<std::string> message(const Program& expression, const Context& context, std::int64_t* steps = nullptr);

// The value of any expression, for tests; a failure has its column.
Value result_of(const Program& expression, const Context& context);

}  // namespace ktrain::cel
