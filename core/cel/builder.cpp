// Builds a program bottom-up.
#include "core/cel/builder.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cel/functions.h"
#include "core/cel/parser.h"

namespace ktrain::cel {

Builder::Builder(std::string_view text, const Environment& environment) : environment_(environment) {
    program_.text = text;
    program_.expressions.emplace_back();  // bad
    program_.literals.emplace_back();
}

Id Builder::fail(int column, std::string message) {
    if (!problem_) problem_ = Problem{std::move(message), column};
    return bad;
}

Id Builder::add(Op op, int column, const std::vector<Id>& children, std::uint32_t data) {
    Expression expression{.op = op, .column = column, .data = data};
    expression.first = static_cast<std::uint32_t>(program_.children.size());
    expression.count = static_cast<std::uint32_t>(children.size());
    for (Id child : children) {
        const Expression& part = program_.expressions[child];
        if (part.op == Op::unresolved) {
            return fail(part.column, "there is nothing named '" + brief(program_.names[part.data]) + "'");
        }
        expression.height = std::max<std::uint16_t>(expression.height, part.height + 1);
        program_.children.push_back(child);
    }
    if (expression.height > max_rule_depth) return fail(column, "the rule is nested too deeply");
    program_.expressions.push_back(expression);
    return static_cast<Id>(program_.expressions.size() - 1);
}

Id Builder::literal(int column, Value value) {
    program_.literals.push_back(std::move(value));
    return add(Op::literal, column, {}, static_cast<std::uint32_t>(program_.literals.size() - 1));
}

Id Builder::name(int column, std::string_view name) {
    for (std::size_t slot = scope_.size(); slot-- > 0;) {
        if (scope_[slot] == name) return add(Op::variable, column, {}, static_cast<std::uint32_t>(slot));
    }
    if (const Variable* variable = environment_.find(name)) {
        if (name == "self") return add(Op::self, column, {});
        if (name == "oldSelf") {
            program_.uses_old_self = true;
            return add(Op::old_self, column, {});
        }
        const Id id = opaque(column);
        program_.expressions[id].extra = declare(variable->type);
        opaque_.emplace_back(id, variable);
        return id;
    }
    if (const auto type = find_type(name)) return literal(column, *type);
    program_.names.emplace_back(name);
    return add(Op::unresolved, column, {}, static_cast<std::uint32_t>(program_.names.size() - 1));
}

Id Builder::select(Op op, int column, Id from, std::string_view name) {
    if (const std::string_view front = unresolved(from); !front.empty() && op == Op::select) {
        std::string longer(front);
        longer += '.';
        longer += name;
        if (longer.size() > 100) return fail(column, "there is nothing named '" + brief(longer) + "'");
        return this->name(program_.expressions[from].column, longer);
    }
    Known type;
    for (const auto& [id, variable] : opaque_) {
        const std::vector<std::string>& fields = variable->fields;
        if (id != from || fields.empty()) continue;
        if (const auto field = std::ranges::find(fields, name); field != fields.end()) {
            const auto index = static_cast<std::size_t>(field - fields.begin());
            if (index < variable->types.size()) type = variable->types[index];
            continue;
        }
        const std::string meant = nearest(name, fields);
        return fail(column, "'" + variable->name + "' has no field '" + brief(name) + "'" +
                                (meant.empty() ? "" : "; the nearest is '" + meant + "'"));
    }
    program_.names.emplace_back(name);
    const Id id = add(op, column, {from}, static_cast<std::uint32_t>(program_.names.size() - 1));
    if (id != bad) program_.expressions[id].extra = declare(type);
    return id;
}

std::uint32_t Builder::declare(Known type) {
    if (type.is_unknown() && !type.schema) return 0;
    program_.declared.push_back(std::move(type));
    return static_cast<std::uint32_t>(program_.declared.size());
}

Id Builder::opaque(int column) {
    return literal(column, cel::fail("it has no value here"));
}

Id Builder::object(int column, std::string_view type, const std::vector<std::string_view>& fields,
                   const std::vector<Id>& values) {
    const Id id = add(Op::object, column, values, static_cast<std::uint32_t>(program_.names.size()));
    program_.names.insert(program_.names.end(), fields.begin(), fields.end());
    if (id != bad) program_.expressions[id].extra = declare(object_named(std::string(type)));
    return id;
}

Id Builder::bind(int column, std::uint32_t slot, Id value, Id result) {
    const Id id = add(Op::bind, column, {value, result});
    if (id != bad) program_.expressions[id].extra = slot;
    return id;
}

std::string_view Builder::unresolved(Id id) const {
    const Expression& expression = program_.expressions[id];
    return expression.op == Op::unresolved ? std::string_view(program_.names[expression.data]) : std::string_view();
}

Id Builder::call(int column, std::string_view name, bool member, const std::vector<Id>& values) {
    const Style style = member ? Style::member : Style::global;
    const auto row = find_function(name, style);
    if (!row || !environment_.has(functions()[*row].library)) {
        const std::string meant = nearest_function(name, style, environment_);
        return fail(column, "there is no function '" + brief(name) + "'" +
                                (meant.empty() ? "" : "; the nearest is '" + meant + "'"));
    }
    const Function& function = functions()[*row];
    if (values.size() < function.least || values.size() > function.most) {
        const std::size_t given = values.size() - (member ? 1 : 0);
        return fail(column, "'" + std::string(name) + "' does not take " + std::to_string(given) + " arguments");
    }
    const Id id = add(Op::call, column, values, static_cast<std::uint32_t>(*row));
    if (function.takes_pattern && !failed()) add_pattern(id, values[1]);
    return id;
}

void Builder::add_pattern(Id call, Id pattern) {
    const Expression& literal = program_.expressions[pattern];
    if (literal.op != Op::literal || !program_.literals[literal.data].is(Type::string)) return;
    if (program_.patterns.size() == max_rule_patterns) {
        fail(literal.column, "the rule has more than " + std::to_string(max_rule_patterns) + " regular expressions");
        return;
    }
    std::string why;
    auto regex = Regex::compile(program_.literals[literal.data].text(), why);
    if (!regex) {
        fail(literal.column, "this is no regular expression: " + brief(why, 100));
        return;
    }
    program_.patterns.push_back(std::move(regex));
    program_.expressions[call].extra = static_cast<std::uint32_t>(program_.patterns.size());
}

std::uint32_t Builder::open(std::string_view variable) {
    scope_.push_back(variable);
    program_.slots = std::max(program_.slots, static_cast<std::uint32_t>(scope_.size()));
    return static_cast<std::uint32_t>(scope_.size() - 1);
}

Program Builder::finish(Id root) {
    if (const std::string_view name = unresolved(root); !name.empty()) {
        fail(program_.expressions[root].column, "there is nothing named '" + brief(name) + "'");
    }
    program_.root = root;
    return std::move(program_);
}

}  // namespace ktrain::cel
