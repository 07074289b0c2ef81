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

std::variant<Program, Problem> compile(std::string_view rule) {
    return parse_rule(rule);
}

Value result_of(const Program& program, const Context& context) {
    Variables variables;
    if (context.self.node) variables.self = value_of(context.self);
    if (context.old_self) variables.old_self = value_of(*context.old_self);
    if (context.optional_old_self) variables.old_self = context.old_self ? some(variables.old_self) : none();
    return Evaluator(program, std::move(variables), context.steps).run();
}

Outcome evaluate(const Program& rule, const Context& context) {
    if (skips(rule, context)) return {Verdict::skipped, "", 0};
    const Value value = result_of(rule, context);
    if (value.failed()) return {Verdict::failed, value.failure().text, value.failure().column};
    const bool* holds = value.as<bool>();
    if (holds) return {*holds ? Verdict::holds : Verdict::broken, "", 0};
    return {Verdict::failed, "the rule is a " + std::string(name_of(value.type())) + ", not true or false", 0};
}

std::optional<std::string> message(const Program& expression, const Context& context) {
    if (skips(expression, context)) return std::nullopt;
    const Value value = result_of(expression, context);
    std::string_view text = value.text();
    while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != text.npos) text.remove_suffix(1);
    while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != text.npos) text.remove_prefix(1);
    if (text.empty() || text.find('\n') != text.npos) return std::nullopt;
    return std::string(text);
}

}  // namespace ktrain::cel
