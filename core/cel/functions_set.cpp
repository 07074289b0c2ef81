// Functions of lists as sets, and of optional values.
#include "core/cel/handlers.h"
#include "core/cel/operators.h"
#include "core/cel/tree.h"

namespace ktrain::cel::handlers {
namespace {

bool lists(const Call& call) {
    return call.has(0, Type::list) && call.has(1, Type::list);
}

// How many items of one list are in the other.
std::size_t shared(const Value& items, const Value& in, Budget& budget) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < list_size(items) && !budget.spent(); ++i) {
        const Value found = contains(in, list_item(items, i), budget);
        count += found.is(Type::boolean) && *found.as<bool>() ? 1 : 0;
    }
    return count;
}

// What optional.ofNonZeroValue() takes for nothing.
bool is_zero(const Value& value) {
    switch (value.type()) {
        case Type::null:
            return true;
        case Type::boolean:
            return !*value.as<bool>();
        case Type::integer:
            return *value.as<std::int64_t>() == 0;
        case Type::natural:
            return *value.as<std::uint64_t>() == 0;
        case Type::real:
            return *value.as<double>() == 0;
        case Type::string:
            return value.text().empty();
        case Type::bytes:
            return value.bytes().empty();
        case Type::list:
            return list_size(value) == 0;
        case Type::map:
            return map_size(value) == 0;
        case Type::duration:
            return value.as<Duration>()->nanos == 0;
        case Type::optional:
            return !value.as<Optional>()->value;
        default:
            return false;
    }
}

}  // namespace

Value sets_contains(const Call& call) {
    if (!lists(call)) return call.wrong();
    return shared(call[1], call[0], call.budget) == list_size(call[1]);
}

Value sets_equivalent(const Call& call) {
    if (!lists(call)) return call.wrong();
    return shared(call[1], call[0], call.budget) == list_size(call[1]) &&
           shared(call[0], call[1], call.budget) == list_size(call[0]);
}

Value sets_intersects(const Call& call) {
    if (!lists(call)) return call.wrong();
    return shared(call[0], call[1], call.budget) > 0;
}

Value optional_none(const Call&) {
    return none();
}

Value optional_of(const Call& call) {
    return some(call[0]);
}

Value optional_of_non_zero(const Call& call) {
    return is_zero(call[0]) ? none() : some(call[0]);
}

Value optional_has_value(const Call& call) {
    const Optional* holder = call[0].as<Optional>();
    return holder ? Value(holder->value != nullptr) : call.wrong();
}

Value optional_value(const Call& call) {
    const Optional* holder = call[0].as<Optional>();
    if (!holder) return call.wrong();
    return holder->value ? *holder->value : fail("the optional value is none");
}

Value optional_unwrap(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    Values items;
    for (std::size_t i = 0; i < list_size(call[0]); ++i) {
        if (!call.budget.spend(1)) return Budget::failure();
        const Value item = list_item(call[0], i);
        const Optional* holder = item.as<Optional>();
        if (!holder) return call.wrong();
        if (holder->value) items.push_back(*holder->value);
    }
    return list_value(std::move(items));
}

}  // namespace ktrain::cel::handlers
