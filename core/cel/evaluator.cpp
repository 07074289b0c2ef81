// Evaluates a compiled expression: operators, selection, literals and calls.
#include "core/cel/evaluator.h"

#include "core/base/text.h"
#include "core/cel/operators.h"
#include "core/cel/tree.h"

namespace ktrain::cel {
namespace {

Value no_such(const Value& container, const Value& key) {
    if (container.is(Type::list))
        return fail("the list has no such index; it has " + std::to_string(list_size(container)) + " items");
    return fail(key.is(Type::string) ? "there is no key '" + brief(key.text()) + "'" : "there is no such key");
}

bool may_be_key(const Value& value) {
    return value.is(Type::boolean) || value.is(Type::integer) || value.is(Type::natural) || value.is(Type::string);
}

// A value that may be absent as an optional value.
Value optional_of(std::optional<Value> value) {
    if (!value) return none();
    return value->failed() ? *value : some(*value);
}

}  // namespace

Value insert(Map& map, Value key, Value value, bool replace, Budget& budget) {
    if (!may_be_key(key)) return no_overload("{key: value}", {&key});
    if (!budget.spend(1 + map.entries.size() / 10)) return Budget::failure();
    for (auto& [other, old] : map.entries) {
        if (!equal(other, key, budget)) continue;
        if (!replace) return fail("the map has the same key twice");
        old = std::move(value);
        return true;
    }
    map.entries.emplace_back(std::move(key), std::move(value));
    return true;
}

Value Evaluator::run() {
    Value result = value(program_.root);
    // Nothing absorbs this failure.
    return budget_.spent() ? Budget::failure() : result;
}

Value Evaluator::value(std::uint32_t id) {
    if (!budget_.spend(1)) return Budget::failure();
    const Expression& e = program_.expressions[id];
    Value result = dispatch(e);
    if (result.failed() && result.failure().column == 0) result.failure().column = e.column;
    return result;
}

Value Evaluator::dispatch(const Expression& e) {
    switch (e.op) {
        case Op::literal:
            return program_.literals[e.data];
        case Op::variable:
            return slots_[e.data];
        case Op::self:
            return variables_.self;
        case Op::old_self:
            return variables_.old_self;
        case Op::unresolved:
            return fail("the name means nothing");
        case Op::select:
        case Op::select_optional:
            return select(e);
        case Op::has:
            return has(e);
        case Op::index:
        case Op::index_optional:
            return index(e);
        case Op::negate:
        case Op::invert:
            return unary(e);
        case Op::binary:
            return binary(e);
        case Op::both:
            return chain(e, false);
        case Op::either:
            return chain(e, true);
        case Op::choose:
            return choose(e);
        case Op::list:
            return list(e);
        case Op::map:
            return map(e);
        case Op::spread:
            return value(child(e, 0));
        case Op::call:
            return call(e);
        case Op::or_else:
        case Op::or_value:
            return or_else(e);
        case Op::macro:
            return macro(e);
        case Op::object:
        case Op::bind:  // only where nothing has a value
            break;
    }
    return fail("an unknown expression");
}

// && ends at false, || at true, even when what came before has failed.
Value Evaluator::chain(const Expression& e, bool ends) {
    std::optional<Value> failure;
    for (std::size_t i = 0; i < e.count; ++i) {
        Value part = value(child(e, i));
        if (budget_.spent()) return Budget::failure();
        const bool* truth = part.as<bool>();
        if (truth && *truth == ends) return ends;
        if (truth || failure) continue;
        failure = part.failed() ? part : no_overload(ends ? "||" : "&&", {&part});
    }
    return failure ? *failure : Value(!ends);
}

Value Evaluator::choose(const Expression& e) {
    const Value condition = value(child(e, 0));
    if (condition.failed()) return condition;
    const bool* truth = condition.as<bool>();
    if (!truth) return no_overload("?:", {&condition});
    return value(child(e, *truth ? 1 : 2));
}

Value Evaluator::binary(const Expression& e) {
    const Value left = value(child(e, 0));
    if (left.failed()) return left;
    const Value right = value(child(e, 1));
    if (right.failed()) return right;
    return apply(static_cast<Operator>(e.data), left, right, budget_);
}

Value Evaluator::unary(const Expression& e) {
    const Value operand = value(child(e, 0));
    if (operand.failed()) return operand;
    if (e.op == Op::negate) return negative(operand);
    const bool* truth = operand.as<bool>();
    return truth ? Value(!*truth) : no_overload("!", {&operand});
}

Value Evaluator::select(const Expression& e) {
    Value from = value(child(e, 0));
    if (from.failed()) return from;
    const std::string_view name = program_.names[e.data];
    bool optional = e.op == Op::select_optional;
    if (const Optional* holder = from.as<Optional>()) {
        if (!holder->value) return none();
        optional = true;
        from = *std::shared_ptr<const Value>(holder->value);
    }
    if (!from.is(Type::map)) {
        return fail("'." + brief(name) + "' wants a map, not a " + std::string(name_of(from.type())));
    }
    std::optional<Value> found = cel::select(from, name, budget_);
    if (optional) return optional_of(std::move(found));
    return found ? *found : no_such(from, Text{name, nullptr});
}

Value Evaluator::has(const Expression& e) {
    Value from = value(child(e, 0));
    if (from.failed()) return from;
    if (const Optional* holder = from.as<Optional>()) {
        if (!holder->value) return false;
        from = *std::shared_ptr<const Value>(holder->value);
    }
    const std::string_view name = program_.names[e.data];
    if (!from.is(Type::map)) {
        return fail("'." + brief(name) + "' wants a map, not a " + std::string(name_of(from.type())));
    }
    return cel::select(from, name, budget_).has_value();
}

Value Evaluator::index(const Expression& e) {
    Value from = value(child(e, 0));
    if (from.failed()) return from;
    const Value key = value(child(e, 1));
    if (key.failed()) return key;
    bool optional = e.op == Op::index_optional;
    if (const Optional* holder = from.as<Optional>()) {
        if (!holder->value) return none();
        optional = true;
        from = *std::shared_ptr<const Value>(holder->value);
    }
    std::optional<Value> found = at(from, key, budget_);
    if (optional) return optional_of(std::move(found));
    return found ? *found : no_such(from, key);
}

Value Evaluator::list(const Expression& e) {
    Values items;
    for (std::size_t i = 0; i < e.count; ++i) {
        Value item = value(child(e, i));
        if (item.failed()) return item;
        if (program_.expressions[child(e, i)].op == Op::spread) {
            const Optional* holder = item.as<Optional>();
            if (!holder) return no_overload("[?]", {&item});
            if (holder->value) items.push_back(*holder->value);
        } else {
            items.push_back(std::move(item));
        }
    }
    return list_value(std::move(items));
}

Value Evaluator::map(const Expression& e) {
    auto made = std::make_shared<Map>();
    for (std::size_t i = 0; i < e.count; i += 2) {
        Value key = value(child(e, i));
        if (key.failed()) return key;
        Value item = value(child(e, i + 1));
        if (item.failed()) return item;
        if (program_.expressions[child(e, i + 1)].op == Op::spread) {
            const Optional* holder = item.as<Optional>();
            if (!holder) return no_overload("{?}", {&item});
            if (!holder->value) continue;
            item = *std::shared_ptr<const Value>(holder->value);
        }
        if (Value done = insert(*made, std::move(key), std::move(item), true, budget_); done.failed()) return done;
    }
    return std::shared_ptr<const Map>(std::move(made));
}

Value Evaluator::call(const Expression& e) {
    Values values;
    values.reserve(e.count);
    for (std::size_t i = 0; i < e.count; ++i) {
        values.push_back(value(child(e, i)));
        if (values.back().failed()) return values.back();
    }
    const Function& function = functions()[e.data];
    const Regex* pattern = e.extra ? program_.patterns[e.extra - 1].get() : nullptr;
    const Call made{function.name, values, budget_, patterns_, pattern};
    Value result = function.handler(made);
    return budget_.spent() ? Budget::failure() : result;
}

// The other value is looked at only when it is needed.
Value Evaluator::or_else(const Expression& e) {
    Value first = value(child(e, 0));
    if (first.failed()) return first;
    const Optional* holder = first.as<Optional>();
    const bool plain = e.op == Op::or_value;
    if (!holder) return no_overload(plain ? "orValue" : "or", {&first});
    if (holder->value) return plain ? *holder->value : first;
    Value other = value(child(e, 1));
    if (other.failed() || plain || other.is(Type::optional)) return other;
    return no_overload("or", {&first, &other});
}

}  // namespace ktrain::cel
