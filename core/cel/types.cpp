// Finds what the type checker of an API server refuses of a rule: fields that the schema does not have, and types that
// do not go together.
#include "core/cel/types.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/cel/escape.h"
#include "core/cel/signatures.h"
#include "core/cel/type_words.h"

namespace ktrain::cel {
namespace {

// The fields of JSONPatch; of any other object without a schema all fields may be of any type.
Known field_of_named(const std::string& object, const std::string& field) {
    constexpr std::array<std::string_view, 3> texts{"from", "op", "path"};
    const bool text = object == "JSONPatch" && std::ranges::find(texts, field) != texts.end();
    return text ? known_as(Type::string) : dynamic();
}

class TypeChecker {
public:
    TypeChecker(const Program& program, const Typing* typing, SchemaId self, bool optional_old_self)
        : program_(program),
          typing_(typing),
          self_(self),
          optional_old_self_(optional_old_self),
          slots_(program.slots) {
        types_.known.resize(program.expressions.size());
    }

    Types run() {
        visit(program_.root);
        return std::move(types_);
    }

private:
    std::uint32_t child(const Expression& e, std::size_t i) const { return program_.children[e.first + i]; }

    const Expression& at(const Expression& e, std::size_t i) const { return program_.expressions[child(e, i)]; }

    void report(const Expression& e, std::string message) {
        if (!types_.problem) types_.problem = Problem{std::move(message), e.column};
    }

    Known of_schema(std::optional<SchemaId> schema) const {
        if (!schema || typing_ == nullptr) return {};
        const As as = typing_->of(*schema).as;
        if (as == As::written) return dynamic();
        Known known{.schema = schema, .type = type_of(as)};
        if (as == As::object) known.name = typing_->name_of(*schema);
        if (as == As::map) known.parts = {known_as(Type::string), of_schema(typing_->member(*schema, ""))};
        if (known.type == Type::list) known.parts = {of_schema(typing_->item(*schema))};
        return known;
    }

    Known declared(std::uint32_t number) const {
        if (number == 0) return {};
        const Known& known = program_.declared[number - 1];
        return known.schema ? of_schema(known.schema) : known;
    }

    // A few macros could nest a type in itself again and again: {x: x} is twice as large as x.
    Known visit(std::uint32_t id) {
        constexpr std::size_t most_parts = 100;
        Known known = inner(id);
        if (count_parts(known) > most_parts) known = {};
        return types_.known[id] = std::move(known);
    }

    std::vector<Known> visit_children(const Expression& e) {
        std::vector<Known> values;
        for (std::size_t i = 0; i < e.count; ++i) values.push_back(visit(child(e, i)));
        return values;
    }

    // Looks at all that is below the expression.
    Known inner(std::uint32_t id) {
        const Expression& e = program_.expressions[id];
        switch (e.op) {
            case Op::literal:
                return e.extra > 0 ? declared(e.extra) : of_literal(program_.literals[e.data]);
            case Op::self:
                return of_schema(self_);
            case Op::old_self:
                return optional_old_self_ ? optional_of(of_schema(self_)) : of_schema(self_);
            case Op::variable:
                return slots_[e.data];
            case Op::select:
                return e.extra > 0 ? declared(e.extra) : field_of(visit(child(e, 0)), e);
            case Op::select_optional: {
                const Known field = field_of(visit(child(e, 0)), e);
                return field.type == Type::optional ? field : optional_of(field);
            }
            case Op::has:
                field_of(visit(child(e, 0)), e);
                return known_as(Type::boolean);
            case Op::index:
            case Op::index_optional:
                return indexed(e);
            case Op::macro:
                return macro(e);
            case Op::bind:
                slots_[e.extra] = visit(child(e, 0));
                return visit(child(e, 1));
            case Op::invert:
            case Op::both:
            case Op::either:
                return conditions(e);
            case Op::binary:
                return binary(e);
            case Op::list:
                return list(e);
            case Op::map:
                return map(e);
            case Op::object:
                return object(e);
            case Op::call:
                return call(e);
            default:
                return form(e);
        }
    }

    static Known of_literal(const Value& value) { return value.failed() ? Known{} : known_as(value.type()); }

    Known form(const Expression& e) {
        const std::vector<Known> values = visit_children(e);
        const auto answer = [&](Form form) { return form_of(form, values); };
        const Answer found = e.op == Op::negate     ? answer(Form::negate)
                             : e.op == Op::choose   ? answer(Form::choose)
                             : e.op == Op::or_else  ? answer(Form::or_else)
                             : e.op == Op::or_value ? answer(Form::or_value)
                                                    : Answer{};
        if (!found.fits) report(e, misuse(e, values));
        return found.gives;
    }

    std::string misuse(const Expression& e, const std::vector<Known>& values) {
        if (e.op == Op::negate) return described(values[0]) + " is no number";
        if (e.op == Op::choose) {
            must_be_condition(values[0], at(e, 0));
            return "it is " + either(values[1], values[2], " or ");
        }
        if (values[0].type && values[0].type != Type::optional) return described(values[0]) + " is no optional value";
        const Known held = values[1].type && e.op == Op::or_else ? values[1].part(0) : values[1];
        return "it is " + either(values[0].part(0), held, " or ");
    }

    // Of an optional value: the field of what it holds, which is optional, too.
    Known field_of(const Known& from, const Expression& e) {
        if (from.type == Type::optional) return optional_of(field_of(from.part(0), e));
        if (!from.type) return from.is_unknown() ? Known{} : dynamic();
        const std::string& written = program_.names[e.data];
        if (!from.is_object()) {
            if (from.type != Type::map) report(e, described(from) + " has no field '" + brief(written) + "'");
            return from.part(1);
        }
        if (!from.schema) return field_of_named(from.name, written);
        const std::optional<std::string> name = unescape(written);
        const std::optional<SchemaId> found = name ? typing_->member(*from.schema, *name) : std::nullopt;
        if (!found) report(e, "the schema has no field '" + brief(written) + "' here");
        return of_schema(found);
    }

    Known indexed(const Expression& e) {
        const std::vector<Known> values = visit_children(e);
        const Answer found = form_of(e.op == Op::index ? Form::index : Form::index_optional, values);
        if (found.fits) return found.gives;
        const Known from = values[0].type == Type::optional ? values[0].part(0) : values[0];
        if (from.is_object())
            report(e, "an object has fields, which are taken with a dot, and no members");
        else if (from.type == Type::list)
            report(e, "items of a list have numbers, got " + described(values[1]));
        else if (from.type == Type::map && from.part(0).type == Type::string)
            report(e, "members of a map have names, got " + described(values[1]));
        else if (from.type == Type::map)
            report(e, described(from) + " has no key that is " + described(values[1]));
        else
            report(e, described(from) + " has no items");
        return {};
    }

    // The items that a macro goes through, with their keys or indices.
    std::pair<Known, Known> range_of(const Known& range, const Expression& e) {
        if (range.type == Type::list) return {known_as(Type::integer), range.part(0)};
        if (range.is_object()) report(e, "an object has fields, and no members");
        if (range.type == Type::map) return {range.part(0), range.part(1)};
        if (range.type) report(e, described(range) + " has no items");
        return range.is_unknown() || range.type ? std::pair<Known, Known>{} : std::pair{dynamic(), dynamic()};
    }

    Known macro(const Expression& e) {
        const auto kind = static_cast<Macro>(e.data);
        const Known range = visit(child(e, 0));
        if (kind == Macro::opt_map || kind == Macro::opt_flat_map) return optional_macro(e, kind, range);
        const auto [key, value] = range_of(range, e);
        slots_[e.extra] = e.pair || range.type == Type::map ? key : value;
        if (e.pair) slots_[e.extra + 1] = value;
        const Known item = slots_[e.extra];
        std::vector<Known> parts;
        for (std::size_t i = 1; i < e.count; ++i) parts.push_back(visit(child(e, i)));
        const bool decides = kind == Macro::all || kind == Macro::exists || kind == Macro::exists_one;
        if (decides || kind == Macro::filter || parts.size() > 1) must_be_condition(parts.front(), at(e, 1));
        if (decides) return known_as(Type::boolean);
        switch (kind) {
            case Macro::filter:
                return list_of(item);
            case Macro::transform_map:
                return map_of(key, parts.back());
            case Macro::transform_map_entry:
                if (parts.back().type && parts.back().type != Type::map)
                    report(at(e, e.count - 1), "this is " + described(parts.back()) + ", not a map");
                return parts.back().type ? parts.back() : map_of(parts.back(), parts.back());
            case Macro::sort_by:
                return sorted(e, range, parts.back());
            default:
                return list_of(parts.back());
        }
    }

    Known sorted(const Expression& e, const Known& range, const Known& by) {
        const Answer found = form_of(Form::sort_by, std::array{range, list_of(by)});
        if (!found.fits) report(e, described(by) + " has no order to sort by");
        return found.gives;
    }

    Known optional_macro(const Expression& e, Macro kind, const Known& from) {
        if (!assignable(from, known_as(Type::optional))) report(e, described(from) + " is no optional value");
        slots_[e.extra] = from.type == Type::optional ? from.part(0) : from.is_unknown() ? from : free_type();
        const Known made = visit(child(e, 1));
        if (kind == Macro::opt_map) return optional_of(made);
        if (!assignable(made, known_as(Type::optional)))
            report(at(e, 1), "this is " + described(made) + ", no optional value");
        return made;
    }

    void must_be_condition(const Known& part, const Expression& at) {
        if (part.type && *part.type != Type::boolean) report(at, "this is " + described(part) + ", not true or false");
    }

    Known conditions(const Expression& e) {
        const std::vector<Known> values = visit_children(e);
        for (std::size_t i = 0; i < e.count; ++i) must_be_condition(values[i], at(e, i));
        return known_as(Type::boolean);
    }

    Known binary(const Expression& e) {
        const auto op = static_cast<Operator>(e.data);
        const std::vector<Known> values = visit_children(e);
        const Answer found = operator_of(op, values);
        if (!found.fits) report(e, mismatch(op, values[0], values[1]));
        return is_condition(op) ? known_as(Type::boolean) : found.gives;
    }

    // Of the items of a list, the keys or the values of a map: the server wants one type where it is not for format().
    void add_item(Known& all, const Known& item, const Expression& e) {
        if (!formats_ && !equivalent(all, item))
            report(e, "this is " +
                          (item.type ? either(item, all, " beside ") : "of any type beside " + described(all)) +
                          ": values side by side have one type");
        all = assignable(all, item) ? joined(all, item) : dynamic();
    }

    // A value that is there if it is held.
    Known entry(std::uint32_t id) {
        const Expression& e = program_.expressions[id];
        if (e.op != Op::spread) return visit(id);
        const Known held = visit(child(e, 0));
        if (held.type && held.type != Type::optional) report(e, described(held) + " is no optional value");
        return held.type ? held.part(0) : held;
    }

    Known list(const Expression& e) {
        Known item = free_type();
        for (std::size_t i = 0; i < e.count; ++i) {
            const Known now = entry(child(e, i));
            add_item(item, now, at(e, i));
        }
        return list_of(item);
    }

    Known map(const Expression& e) {
        std::array<Known, 2> parts{free_type(), free_type()};
        for (std::size_t i = 0; i < e.count; ++i) {
            const Known now = entry(child(e, i));
            add_item(parts[i % 2], now, at(e, i));
        }
        return map_of(parts[0], parts[1]);
    }

    Known object(const Expression& e) {
        const Known made = declared(e.extra);
        constexpr std::array<std::string_view, 4> of_patch{"from", "op", "path", "value"};
        for (std::size_t i = 0; i < e.count; ++i) {
            const std::string& field = program_.names[e.data + i];
            const Known value = entry(child(e, i));
            if (made.name == "JSONPatch" && std::ranges::find(of_patch, field) == of_patch.end())
                report(at(e, i), "JSONPatch has no field '" + brief(field) + "'");
            if (!assignable(field_of_named(made.name, field), value))
                report(at(e, i), "'" + brief(field) + "' wants a string, got " + described(value));
        }
        return made;
    }

    // A length or a point of time that is written as a text must be one.
    void check_literal(const Expression& e, const Function& function) {
        if (e.count != 1 || (function.name != "duration" && function.name != "timestamp")) return;
        const Expression& text = at(e, 0);
        if (text.op != Op::literal || !program_.literals[text.data].is(Type::string)) return;
        Budget budget(1000);
        Patterns patterns;
        const Value value = function.handler({function.name, {&program_.literals[text.data], 1}, budget, patterns});
        if (value.failed()) report(text, value.failure().text);
    }

    Known call(const Expression& e) {
        const Function& function = functions()[e.data];
        check_literal(e, function);
        const bool formats = function.name == "format";
        formats_ += formats ? 1 : 0;
        const std::vector<Known> values = visit_children(e);
        formats_ -= formats ? 1 : 0;
        const Answer answer = call_of(function, values);
        if (!answer.fits) report(e, answer.problem);
        return answer.gives;
    }

    const Program& program_;
    const Typing* typing_;  // null: nothing is known of `self`
    SchemaId self_;
    bool optional_old_self_;
    int formats_ = 0;  // calls of format() around
    std::vector<Known> slots_;
    Types types_;
};

}  // namespace

std::optional<Type> type_of(As as) {
    switch (as) {
        case As::boolean:
            return Type::boolean;
        case As::integer:
            return Type::integer;
        case As::number:
            return Type::real;
        case As::string:
            return Type::string;
        case As::bytes:
            return Type::bytes;
        case As::list:
        case As::set:
        case As::keyed:
            return Type::list;
        case As::map:
        case As::object:
            return Type::map;
        case As::date:
        case As::date_time:
            return Type::timestamp;
        case As::duration:
            return Type::duration;
        case As::quantity:
            return Type::quantity;
        default:
            return std::nullopt;
    }
}

Types types_of(const Program& program, const Typing* typing, SchemaId self, bool optional_old_self) {
    return TypeChecker(program, typing, self, optional_old_self).run();
}

Known type_of(const Program& expression, const Typing* typing, SchemaId self, bool optional_old_self) {
    return settled(types_of(expression, typing, self, optional_old_self).known[expression.root]);
}

std::optional<Problem> type_problem(const Program& rule, const Typing* typing, SchemaId self,
                                    std::span<const Known> wanted, bool optional_old_self) {
    Types types = types_of(rule, typing, self, optional_old_self);
    const Known type = settled(types.known[rule.root]);
    const bool fits =
        wanted.empty() || std::ranges::any_of(wanted, [&](const Known& one) { return equivalent(type, one); });
    if (types.problem || fits) return std::move(types.problem);
    const bool condition = wanted.front().type == Type::boolean, text = wanted.front().type == Type::string;
    const std::string asked = condition ? "true or false" : described(wanted.front());
    if (type.type)
        return Problem{"its value is " + described(type) + ", not " + asked, rule.expressions[rule.root].column};
    return Problem{std::string("its value may be of any type") + (condition ? ": write == true"
                                                                  : text    ? ": write string(...)"
                                                                            : ""),
                   0};
}

}  // namespace ktrain::cel
