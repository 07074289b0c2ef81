// Finds what the type checker of an API server refuses of a rule: fields that the schema does not have, and types that
// do not go together. It knows types as far as fields, items, variables and operators lead, and says nothing of others.
#include <algorithm>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/cel/escape.h"
#include "core/cel/operators.h"
#include "core/cel/signatures.h"
#include "core/cel/types.h"

namespace ktrain::cel {
namespace {

bool is_number(Type type) {
    return type == Type::integer || type == Type::natural || type == Type::real;
}

// Whether every value of the type is of one kind, so that two of them can be told apart.
bool is_plain(Type type) {
    return is_number(type) || type == Type::boolean || type == Type::string || type == Type::bytes;
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

    void report(const Expression& e, std::string message) {
        if (!types_.problem) types_.problem = Problem{std::move(message), e.column};
    }

    Known of_schema(std::optional<SchemaId> schema) const {
        if (!schema || typing_ == nullptr) return {};
        const As as = typing_->of(*schema).as;
        Known known{schema, type_of(as)};
        known.dynamic = as == As::written;
        if (as == As::list || as == As::set || as == As::keyed) {
            known.type = Type::list;
            if (const auto item = typing_->item(*schema)) known.item = type_of(typing_->of(*item).as);
        }
        return known;
    }

    Known visit(std::uint32_t id) { return types_.known[id] = inner(id); }

    // Looks at all that is below the expression.
    Known inner(std::uint32_t id) {
        const Expression& e = program_.expressions[id];
        switch (e.op) {
            case Op::literal:
                return e.extra > 0 ? of_schema(program_.declared[e.extra - 1]) : of_literal(program_.literals[e.data]);
            case Op::self:
                return of_schema(self_);
            case Op::old_self:  // nothing is known of what an optional value holds
                return optional_old_self_ ? Known{} : of_schema(self_);
            case Op::variable:
                return slots_[e.data];
            case Op::select:
                if (e.extra > 0) return {{}, static_cast<Type>(e.extra - 1)};
                return field_of(visit(child(e, 0)), e);
            case Op::select_optional:
                return any_if(field_of(visit(child(e, 0)), e).dynamic);
            case Op::or_value: {
                const Known value = visit(child(e, 0));
                visit(child(e, 1));
                return any_if(value.dynamic);
            }
            case Op::has:
                field_of(visit(child(e, 0)), e);
                return {{}, Type::boolean};
            case Op::index:
                return indexed(e);
            case Op::macro:
                return macro(e);
            case Op::bind:
                slots_[e.extra] = visit(child(e, 0));
                return visit(child(e, 1));
            case Op::negate:
                return negative(e);
            case Op::invert:
            case Op::both:
            case Op::either:
                return conditions(e);
            case Op::binary:
                return binary(e);
            case Op::choose:
                return choose(e);
            case Op::list:
                return list(e);
            case Op::map:
                for (std::size_t i = 0; i < e.count; ++i) visit(child(e, i));
                return {{}, Type::map};
            case Op::call:
                return call(e);
            default:
                for (std::size_t i = 0; i < e.count; ++i) visit(child(e, i));
                return {};
        }
    }

    Known negative(const Expression& e) {
        const Known value = visit(child(e, 0));
        if (value.type && is_plain(*value.type) && !is_number(*value.type))
            report(e, typed(*value.type) + " is no number");
        return {{}, value.type, {}, value.dynamic};
    }

    static Known of_literal(const Value& value) {
        if (value.failed() || (!is_plain(value.type()) && !value.is(Type::null))) return {};
        return {{}, value.type()};
    }

    Known field_of(const Known& from, const Expression& e) {
        if (from.type && (is_plain(*from.type) || *from.type == Type::quantity)) {
            report(e, typed(*from.type) + " has no field '" + brief(program_.names[e.data]) + "'");
            return {};
        }
        if (!from.schema) return any_if(from.dynamic);
        const As as = typing_->of(*from.schema).as;
        if (as != As::object && as != As::map) return any_if(from.dynamic);
        const std::string& written = program_.names[e.data];
        const std::optional<std::string> name = as == As::map ? written : unescape(written);
        const std::optional<SchemaId> found = name ? typing_->member(*from.schema, *name) : std::nullopt;
        if (!found && as == As::object) report(e, "the schema has no field '" + brief(written) + "' here");
        return of_schema(found);
    }

    static Known any_if(bool dynamic) { return {{}, {}, {}, dynamic}; }

    bool is_object(const Known& value) const { return value.schema && typing_->of(*value.schema).as == As::object; }

    Known indexed(const Expression& e) {
        const Known from = visit(child(e, 0));
        const std::optional<Type> key = visit(child(e, 1)).type;
        if (from.type && is_plain(*from.type)) report(e, typed(*from.type) + " has no items");
        if (from.type == Type::list && key && (*key == Type::string || *key == Type::boolean || *key == Type::bytes))
            report(e, "items of a list have numbers, got " + typed(*key));
        if (from.type == Type::map && from.schema && key && is_plain(*key) && *key != Type::string)
            report(e, "members of a map have names, got " + typed(*key));
        if (is_object(from)) report(e, "an object has fields, which are taken with a dot, and no members");
        if (from.schema && !from.dynamic) return inside(*from.schema);
        return {{}, from.item, {}, from.dynamic};
    }

    Known inside(SchemaId of) const {
        const As as = typing_->of(of).as;
        if (as == As::list || as == As::set || as == As::keyed) return of_schema(typing_->item(of));
        return as == As::map ? of_schema(typing_->member(of, "")) : Known{};
    }

    Known macro(const Expression& e) {
        const Known range = visit(child(e, 0));
        const auto kind = static_cast<Macro>(e.data);
        const bool optional = kind == Macro::opt_map || kind == Macro::opt_flat_map;
        if (range.type && is_plain(*range.type)) report(e, typed(*range.type) + " has no items");
        if (is_object(range) && !optional) report(e, "an object has fields, and no members");
        const bool list = range.type == Type::list;
        const bool map = range.type == Type::map && range.schema;
        const Known item = optional ? Known{} : range.schema ? inside(*range.schema) : Known{{}, range.item};
        const Known key{{}, map ? std::optional(Type::string) : std::nullopt};
        slots_[e.extra] = e.pair ? key : list ? item : optional ? Known{} : key;
        if (e.pair) slots_[e.extra + 1] = item;
        const bool decides = kind == Macro::all || kind == Macro::exists || kind == Macro::exists_one;
        Known last;
        for (std::size_t i = 1; i < e.count; ++i) {
            last = visit(child(e, i));
            if (decides || kind == Macro::filter) must_be_condition(last, program_.expressions[child(e, i)]);
        }
        if (decides) return {{}, Type::boolean};
        if (optional) return {{}, Type::optional};
        if (kind == Macro::map) return {{}, Type::list, last.type};
        return (kind == Macro::filter || kind == Macro::sort_by) && list ? range : Known{};
    }

    void must_be_condition(const Known& part, const Expression& at) {
        if (part.type && *part.type != Type::boolean)
            report(at, "this is " + typed(*part.type) + ", not true or false");
    }

    Known conditions(const Expression& e) {
        for (std::size_t i = 0; i < e.count; ++i)
            must_be_condition(visit(child(e, i)), program_.expressions[child(e, i)]);
        return {{}, Type::boolean};
    }

    Known choose(const Expression& e) {
        must_be_condition(visit(child(e, 0)), program_.expressions[child(e, 0)]);
        const Known yes = visit(child(e, 1));
        const Known no = visit(child(e, 2));
        const bool null = yes.type == Type::null || no.type == Type::null;
        if (differ(yes.type, no.type) || (null && unequal(yes, no)))
            report(e, "it is " + typed(*yes.type) + " or " + typed(*no.type));
        if (yes.type != no.type || yes.dynamic || no.dynamic) return any_if(yes.dynamic || no.dynamic);
        return {{}, yes.type, yes.item == no.item ? yes.item : std::nullopt};
    }

    // Whether both are known, and not the same.
    static bool differ(std::optional<Type> a, std::optional<Type> b) {
        if (!a || !b || *a == *b) return false;
        const auto known = [](Type type) { return is_plain(type) || type == Type::list || type == Type::map; };
        return known(*a) && known(*b);
    }

    // Whether two values are never equal. Objects, times and what a rule makes may be null.
    static bool unequal(const Known& a, const Known& b) {
        if (!a.type || !b.type) return false;
        const auto may_be_null = [](const Known& one) {
            return !is_plain(*one.type) && *one.type != Type::list && (*one.type != Type::map || one.schema);
        };
        if (*a.type == Type::null || *b.type == Type::null)
            return *a.type != *b.type && !may_be_null(*a.type == Type::null ? b : a);
        return *a.type != *b.type || (*a.type == Type::list && differ(a.item, b.item));
    }

    void mismatch(const Expression& e, std::string_view what, const Known& a, const Known& b) {
        const bool lists = a.type == b.type;  // they differ in their items
        const std::string left = lists ? described({a.type, a.item}) : typed(*a.type);
        const std::string right = lists ? described({b.type, b.item}) : typed(*b.type);
        report(e, left + " and " + right + " cannot be " + std::string(what));
    }

    Known binary(const Expression& e) {
        const auto op = static_cast<Operator>(e.data);
        const Known left = visit(child(e, 0));
        const Known right = visit(child(e, 1));
        if (op == Operator::in) {
            if (right.type && is_plain(*right.type)) report(e, "'in' wants a list or a map, got " + typed(*right.type));
            const bool declared = right.type == Type::map && right.schema;  // a map of the rule has keys of any type
            const std::optional<Type> items = declared ? std::optional(Type::string) : right.item;
            if (unequal(left, Known{{}, items})) mismatch(e, "compared", left, Known{{}, items});
        } else if (op == Operator::equals || op == Operator::differs) {
            if (unequal(left, right)) mismatch(e, "compared", left, right);
        } else if (is_condition(op)) {  // numbers of all kinds have one order
            const bool numbers = left.type && right.type && is_number(*left.type) && is_number(*right.type);
            if (!numbers && unequal(left, right)) mismatch(e, "compared", left, right);
            for (const Known* one : {&left, &right}) {
                if (one->type == Type::quantity || one->type == Type::semver)
                    report(e, typed(*one->type) +
                                  " has no order here: write isGreaterThan(), isLessThan() or compareTo()");
            }
        } else {
            return sum(e, op, left, right);
        }
        return {{}, Type::boolean};
    }

    Known sum(const Expression& e, Operator op, const Known& left, const Known& right) {
        const bool lists = left.type == Type::list && right.type == Type::list;
        if (differ(left.type, right.type) || (lists && differ(left.item, right.item)))
            mismatch(e, "taken together", left, right);
        const bool adds = op == Operator::add;
        for (const Known* one : {&left, &right}) {
            const bool text = one->type == Type::string || one->type == Type::bytes;
            if (one->type == Type::boolean || one->type == Type::quantity || (text && !adds))
                report(e, typed(*one->type) + " is no number");
        }
        if (lists && adds) return {{}, Type::list, left.item == right.item ? left.item : std::nullopt};
        // Beside a value of any type, one of a type that goes together with itself alone decides.
        const auto decides = [](const Known& one, const Known& other) {
            return one.type && is_plain(*one.type) && (one.type == other.type || (other.dynamic && !other.type));
        };
        const std::optional<Type> type = decides(left, right)   ? left.type
                                         : decides(right, left) ? right.type
                                                                : std::nullopt;
        return {{}, type, {}, left.dynamic && right.dynamic};
    }

    Known list(const Expression& e) {
        Known known{{}, Type::list};
        for (std::size_t i = 0; i < e.count; ++i) {
            const Known item = visit(child(e, i));
            const bool first = i == 0;
            known.dynamic = known.dynamic || (first && item.dynamic && !item.type);
            known.item = first || known.item == item.type ? item.type : std::nullopt;
            if (!item.type) {  // the rest is looked at, and says nothing of the items
                for (++i; i < e.count; ++i) visit(child(e, i));
                known.item = std::nullopt;
            }
        }
        return known;
    }

    Known call(const Expression& e) {
        const Function& function = functions()[e.data];
        std::vector<Known> values;
        for (std::size_t i = 0; i < e.count; ++i) values.push_back(visit(child(e, i)));
        std::vector<Shape> shapes;
        for (const Known& value : values) shapes.push_back({value.type, value.item});
        const Answer answer = call_of(function, shapes);
        if (!answer.problem.empty()) report(e, answer.problem);
        return {{}, answer.gives.type, answer.gives.item, function.name == "dyn"};
    }

    const Program& program_;
    const Typing* typing_;  // null: nothing is known of `self`
    SchemaId self_;
    bool optional_old_self_;
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

std::optional<Type> type_of(const Program& expression, const Typing* typing) {
    const Known known = types_of(expression, typing, 0, false).known[expression.root];
    return known.schema && known.type == Type::map ? std::nullopt : known.type;  // an object may be null, a map not
}

bool is_dynamic(const Program& expression, const Typing& typing, SchemaId self, bool optional_old_self) {
    return types_of(expression, &typing, self, optional_old_self).known[expression.root].dynamic;
}

std::optional<Problem> type_problem(const Program& rule, const Typing* typing, SchemaId self,
                                    std::span<const Type> wanted, bool optional_old_self) {
    Types types = types_of(rule, typing, self, optional_old_self);
    const std::optional<Type> type = types.known[rule.root].type;
    const bool other = type && !wanted.empty() && std::ranges::find(wanted, *type) == wanted.end();
    if (!types.problem && other) {
        const std::string asked = wanted.front() == Type::boolean ? "true or false" : typed(wanted.front());
        types.problem = {"its value is " + typed(*type) + ", not " + asked, rule.expressions[rule.root].column};
    }
    return std::move(types.problem);
}

}  // namespace ktrain::cel
