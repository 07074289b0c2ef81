// Evaluates the macros: expressions over every item of a list or a map.
#include <algorithm>

#include "core/cel/evaluator.h"
#include "core/cel/operators.h"
#include "core/cel/tree.h"

namespace ktrain::cel {

// The items of a list, or the keys of a map, one after the other into the variables of a macro.
struct Evaluator::Turns {
    Value range;
    Values keys;  // of a map
    std::size_t size = 0, next = 0;

    explicit Turns(Value over) : range(std::move(over)) {
        if (range.is(Type::map)) keys = map_keys(range);
        size = range.is(Type::map) ? keys.size() : list_size(range);
    }

    bool done() const { return next == size; }

    // A failure when the item is one.
    Value take(const Expression& e, Values& slots, Budget& budget) {
        const std::size_t i = next++;
        if (!budget.spend(1)) return Budget::failure();
        const bool map = range.is(Type::map);
        Value first = map ? keys[i] : e.pair ? Value(static_cast<std::int64_t>(i)) : list_item(range, i);
        if (first.failed()) return first;
        slots[e.extra] = std::move(first);
        if (!e.pair) return true;
        Value second = map ? map_find(range, keys[i], budget).value_or(Value()) : list_item(range, i);
        if (second.failed()) return second;
        slots[e.extra + 1] = std::move(second);
        return true;
    }
};

Value Evaluator::macro(const Expression& e) {
    const Value range = value(child(e, 0));
    if (range.failed()) return range;
    const auto kind = static_cast<Macro>(e.data);
    if (kind == Macro::opt_map || kind == Macro::opt_flat_map) return opt_map(e, range);
    const bool list_only = kind == Macro::sort_by;
    if (!range.is(Type::list) && (list_only || !range.is(Type::map)))
        return no_overload("a macro over items", {&range});
    Turns turns(range);
    if (!budget_.spend(turns.keys.size())) return Budget::failure();
    switch (kind) {
        case Macro::all:
        case Macro::exists:
            return quantifier(e, turns);
        case Macro::exists_one:
            return one(e, turns);
        case Macro::transform_map:
        case Macro::transform_map_entry:
            return collect_map(e, turns);
        case Macro::sort_by:
            return sort_by(e, turns);
        default:
            return collect(e, turns);
    }
}

// all() ends at the first false and exists() at the first true, even after failures.
Value Evaluator::quantifier(const Expression& e, Turns& turns) {
    const bool ends = static_cast<Macro>(e.data) == Macro::exists;
    std::optional<Value> failure;
    while (!turns.done()) {
        Value part = turns.take(e, slots_, budget_);
        if (!part.failed()) part = value(child(e, 1));
        if (budget_.spent()) return Budget::failure();
        const bool* truth = part.as<bool>();
        if (truth && *truth == ends) return ends;
        if (truth || failure) continue;
        failure = part.failed() ? part : no_overload(ends ? "exists" : "all", {&part});
    }
    return failure ? *failure : Value(!ends);
}

Value Evaluator::one(const Expression& e, Turns& turns) {
    std::size_t count = 0;
    while (!turns.done()) {
        if (Value taken = turns.take(e, slots_, budget_); taken.failed()) return taken;
        const Value part = value(child(e, 1));
        if (part.failed()) return part;
        const bool* truth = part.as<bool>();
        if (!truth) return no_overload("exists_one", {&part});
        count += *truth ? 1 : 0;
    }
    return count == 1;
}

Value Evaluator::passes(const Expression& e) {
    const bool filter = static_cast<Macro>(e.data) == Macro::filter;
    if (!filter && e.count < 3) return true;
    Value part = value(child(e, 1));
    return part.failed() || part.is(Type::boolean) ? part : no_overload("a filter", {&part});
}

Value Evaluator::collect(const Expression& e, Turns& turns) {
    Values items;
    while (!turns.done()) {
        if (Value taken = turns.take(e, slots_, budget_); taken.failed()) return taken;
        const Value passed = passes(e);
        if (passed.failed()) return passed;
        if (!*passed.as<bool>()) continue;
        const bool filter = static_cast<Macro>(e.data) == Macro::filter;
        Value item = filter ? slots_[e.extra] : value(child(e, e.count - 1));
        if (item.failed()) return item;
        items.push_back(std::move(item));
    }
    return list_value(std::move(items));
}

Value Evaluator::collect_map(const Expression& e, Turns& turns) {
    auto made = std::make_shared<Map>();
    while (!turns.done()) {
        if (Value taken = turns.take(e, slots_, budget_); taken.failed()) return taken;
        const Value passed = passes(e);
        if (passed.failed()) return passed;
        if (!*passed.as<bool>()) continue;
        const Value key = slots_[e.extra];
        Value item = value(child(e, e.count - 1));
        if (item.failed()) return item;
        if (static_cast<Macro>(e.data) == Macro::transform_map) {
            if (Value done = insert(*made, key, std::move(item), false, budget_); done.failed()) return done;
            continue;
        }
        if (!item.is(Type::map)) return no_overload("transformMapEntry", {&item});
        for (const Value& name : map_keys(item)) {
            Value entry = map_find(item, name, budget_).value_or(Value());
            if (Value done = insert(*made, name, std::move(entry), false, budget_); done.failed()) return done;
        }
    }
    return std::shared_ptr<const Map>(std::move(made));
}

Value Evaluator::sort_by(const Expression& e, Turns& turns) {
    std::vector<std::pair<Value, Value>> keyed;  // key, item
    while (!turns.done()) {
        if (Value taken = turns.take(e, slots_, budget_); taken.failed()) return taken;
        const Value item = slots_[e.extra];
        Value key = value(child(e, 1));
        if (key.failed()) return key;
        if (!order(key, key) || (!keyed.empty() && !key.is(keyed[0].first.type())))
            return no_overload("sortBy", {&key});
        if (!budget_.spend_text(10 * key.text().size())) return Budget::failure();
        keyed.emplace_back(std::move(key), item);
    }
    if (!budget_.spend(8 * keyed.size())) return Budget::failure();
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const auto& a, const auto& b) { return *order(a.first, b.first) < 0; });
    Values items;
    for (auto& [key, item] : keyed) items.push_back(std::move(item));
    return list_value(std::move(items));
}

Value Evaluator::opt_map(const Expression& e, const Value& range) {
    const Optional* holder = range.as<Optional>();
    const bool flat = static_cast<Macro>(e.data) == Macro::opt_flat_map;
    if (!holder) return no_overload(flat ? "optFlatMap" : "optMap", {&range});
    if (!holder->value) return none();
    slots_[e.extra] = *holder->value;
    Value item = value(child(e, 1));
    if (item.failed()) return item;
    if (!flat) return some(std::move(item));
    return item.is(Type::optional) ? item : no_overload("optFlatMap", {&item});
}

}  // namespace ktrain::cel
