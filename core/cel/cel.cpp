// Rules of `x-kubernetes-validations`: what an evaluation means for an object.
#include "core/cel/cel.h"

#include "core/cel/evaluator.h"
#include "core/cel/parser.h"
#include "core/cel/tree.h"

namespace ktrain::cel {
namespace {

Value value_of(const Subject& subject) {
    return cel::value_of(*subject.node, subject.typing, subject.schema);
}

// A transition rule has nothing to say of a new object.
bool skips(const Program& program, const Context& context) {
    return program.uses_old_self && !context.old_self && !context.optional_old_self;
}

}  // namespace

std::variant<Program, Problem> compile(std::string_view rule, const Environment& environment) {
    return parse_rule(rule, environment);
}

namespace {

Value result_of(const Program& program, const Context& context, std::int64_t& spent) {
    Variables variables;
    if (context.self.node) variables.self = value_of(context.self);
    if (context.old_self) variables.old_self = value_of(*context.old_self);
    if (context.optional_old_self) variables.old_self = context.old_self ? some(variables.old_self) : none();
    Evaluator evaluator(program, std::move(variables), context.steps);
    Value value = evaluator.run();
    spent = context.steps - evaluator.steps_left();
    return value;
}

}  // namespace

Value result_of(const Program& program, const Context& context) {
    std::int64_t spent = 0;
    return result_of(program, context, spent);
}

Outcome evaluate(const Program& rule, const Context& context) {
    if (skips(rule, context)) return {Verdict::skipped, "", 0, 0};
    std::int64_t spent = 0;
    const Value value = result_of(rule, context, spent);
    if (value.failed() && value.failure().unknown) return {Verdict::unknown, value.failure().text, 0, spent};
    if (value.failed()) return {Verdict::failed, value.failure().text, value.failure().column, spent};
    const bool* holds = value.as<bool>();
    if (holds) return {*holds ? Verdict::holds : Verdict::broken, "", 0, spent};
    return {Verdict::failed, "the rule is a " + std::string(name_of(value.type())) + ", not true or false", 0, spent};
}

std::optional<std::string> message(const Program& expression, const Context& context, std::int64_t* steps) {
    if (skips(expression, context)) return std::nullopt;
    std::int64_t spent = 0;
    const Value value = result_of(expression, context, spent);
    if (steps != nullptr) *steps = spent;
    std::string_view text = value.text();
    while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != text.npos) text.remove_suffix(1);
    while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != text.npos) text.remove_prefix(1);
    if (text.empty() || text.find('\n') != text.npos) return std::nullopt;
    return std::string(text);
}

}  // namespace ktrain::cel
