// The operators of the rule language on values: arithmetic with overflow errors, indexing and membership.
#include "core/cel/operators.h"

#include <array>
#include <cmath>

#include "core/cel/time.h"
#include "core/cel/tree.h"

namespace ktrain::cel {
namespace {

// By the number of the operator.
constexpr std::array<std::string_view, 12> symbols{"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"};

template <typename T>
Value checked(Operator op, T left, T right) {
    T result{};
    bool overflow = false;
    if (op == Operator::divide || op == Operator::remainder) {
        if (right == 0) return fail(op == Operator::divide ? "division by zero" : "remainder of a division by zero");
        overflow = std::is_signed_v<T> && left == std::numeric_limits<T>::min() && right == static_cast<T>(-1);
        if (!overflow) result = op == Operator::divide ? left / right : left % right;
    } else if (op == Operator::add) {
        overflow = __builtin_add_overflow(left, right, &result);
    } else if (op == Operator::subtract) {
        overflow = __builtin_sub_overflow(left, right, &result);
    } else {
        overflow = __builtin_mul_overflow(left, right, &result);
    }
    return overflow ? fail("the result does not fit into 64 bits") : Value(result);
}

Value on_doubles(Operator op, double left, double right) {
    switch (op) {
        case Operator::add:
            return left + right;
        case Operator::subtract:
            return left - right;
        case Operator::multiply:
            return left * right;
        default:
            return left / right;
    }
}

Value moved(Timestamp time, std::int64_t nanos) {
    const auto result = timestamp_of(time.seconds, time.nanos + nanos % 1'000'000'000);
    auto whole = result ? timestamp_of(result->seconds + nanos / 1'000'000'000, result->nanos) : std::nullopt;
    if (whole) whole->east = time.east;
    return whole ? Value(*whole) : fail("the time is outside the years 1 to 9999");
}

Value between(Timestamp left, Timestamp right) {
    std::int64_t nanos = 0;
    if (__builtin_mul_overflow(left.seconds - right.seconds, std::int64_t{1'000'000'000}, &nanos) ||
        __builtin_add_overflow(nanos, std::int64_t{left.nanos} - right.nanos, &nanos)) {
        return fail("the duration does not fit into 64 bits of nanoseconds");
    }
    return Duration{nanos};
}

// nullopt: not two durations or timestamps that the operator takes.
std::optional<Value> on_times(Operator op, const Value& left, const Value& right) {
    const auto *a = left.as<Duration>(), *b = right.as<Duration>();
    const auto *from = left.as<Timestamp>(), *to = right.as<Timestamp>();
    if (a && b) {
        const Value sum = checked(op, a->nanos, b->nanos);
        return sum.failed() ? sum : Value(Duration{*sum.as<std::int64_t>()});
    }
    if (op == Operator::subtract && from && to) return between(*from, *to);
    if (op == Operator::subtract && from && b) {
        return b->nanos == INT64_MIN ? fail("the result does not fit into 64 bits") : moved(*from, -b->nanos);
    }
    if (op == Operator::add && from && b) return moved(*from, b->nanos);
    if (op == Operator::add && a && to) return moved(*to, a->nanos);
    return std::nullopt;
}

// Two lists with x-kubernetes-list-type add up as a server merges them: items of the right replace or follow.
bool same_item(const Tree& tree, const Declared& declared, const Value& left, const Value& right, Budget& budget) {
    if (tree.as == As::set) return equal(left, right, budget);
    for (const std::string& key : declared.keys) {
        if (!left.is(Type::map) || !right.is(Type::map)) return false;
        const auto a = map_find(left, string_value(key), budget), b = map_find(right, string_value(key), budget);
        if (a.has_value() != b.has_value() || (a && !equal(*a, *b, budget))) return false;
    }
    return true;
}

Value joined(const Value& left, const Value& right, Budget& budget) {
    const std::size_t sizes = list_size(left) + list_size(right);
    if (!budget.spend(sizes)) return Budget::failure();
    Values items;
    items.reserve(sizes);
    for (std::size_t i = 0; i < list_size(left); ++i) items.push_back(list_item(left, i));
    const Tree* tree = left.as<Tree>();
    const bool merged = tree && (tree->as == As::set || tree->as == As::keyed);
    const Declared declared = merged ? tree->typing->of(tree->schema) : Declared{};
    for (std::size_t i = 0; i < list_size(right); ++i) {
        Value item = list_item(right, i);
        std::size_t at = merged ? 0 : items.size();
        while (at < items.size() && !same_item(*tree, declared, items[at], item, budget)) ++at;
        if (budget.spent()) return Budget::failure();
        if (at == items.size()) {
            items.push_back(std::move(item));
        } else if (tree->as == As::keyed) {
            items[at] = std::move(item);
        }
    }
    return list_value(std::move(items));
}

std::string concatenated(std::string_view left, std::string_view right) {
    std::string text(left);
    return text += right;
}

Value arithmetic(Operator op, const Value& left, const Value& right, Budget& budget) {
    if (left.is(right.type())) {
        const bool add = op == Operator::add;
        switch (left.type()) {
            case Type::integer:
                return checked(op, *left.as<std::int64_t>(), *right.as<std::int64_t>());
            case Type::natural:
                return checked(op, *left.as<std::uint64_t>(), *right.as<std::uint64_t>());
            case Type::real:
                if (op == Operator::remainder) break;
                return on_doubles(op, *left.as<double>(), *right.as<double>());
            case Type::string:
                if (!add) break;
                if (!budget.spend_text(left.text().size() + right.text().size())) return Budget::failure();
                return string_value(concatenated(left.text(), right.text()));
            case Type::bytes:
                if (!add) break;
                if (!budget.spend_text(left.bytes().size() + right.bytes().size())) return Budget::failure();
                return bytes_value(concatenated(left.bytes(), right.bytes()));
            case Type::list:
                if (!add) break;
                return joined(left, right, budget);
            default:
                break;
        }
    }
    if (op == Operator::add || op == Operator::subtract) {
        if (auto value = on_times(op, left, right)) return *value;
    }
    return no_overload(symbols[static_cast<std::size_t>(op)], {&left, &right});
}

Value compared(Operator op, const Value& left, const Value& right, Budget& budget) {
    if (!budget.spend_text(std::min(left.text().size(), right.text().size()))) return Budget::failure();
    const auto result = order(left, right);
    if (!result) return no_overload(symbols[static_cast<std::size_t>(op)], {&left, &right});
    switch (op) {
        case Operator::less:
            return *result < 0;
        case Operator::at_most:
            return *result <= 0;
        case Operator::more:
            return *result > 0;
        default:
            return *result >= 0;
    }
}

}  // namespace

Value no_overload(std::string_view what, std::initializer_list<const Value*> values) {
    std::string types;
    for (const Value* value : values) {
        types += types.empty() ? "" : ", ";
        types += name_of(value->type());
    }
    return fail("'" + std::string(what) + "' does not take " + types);
}

Value apply(Operator op, const Value& left, const Value& right, Budget& budget) {
    switch (op) {
        case Operator::equals:
        case Operator::differs: {
            const bool same = equal(left, right, budget);
            return budget.spent() ? Budget::failure() : Value(same == (op == Operator::equals));
        }
        case Operator::less:
        case Operator::at_most:
        case Operator::more:
        case Operator::at_least:
            return compared(op, left, right, budget);
        case Operator::in:
            return contains(right, left, budget);
        default:
            return arithmetic(op, left, right, budget);
    }
}

Value negative(const Value& value) {
    if (const auto* number = value.as<std::int64_t>()) return checked<std::int64_t>(Operator::subtract, 0, *number);
    if (const auto* number = value.as<double>()) return -*number;
    return no_overload("-", {&value});
}

std::optional<std::int64_t> index_of(const Value& key) {
    if (const auto* number = key.as<std::int64_t>()) return *number;
    if (const auto* number = key.as<std::uint64_t>()) {
        return *number > INT64_MAX ? std::nullopt : std::optional(static_cast<std::int64_t>(*number));
    }
    const auto* real = key.as<double>();
    if (!real || std::trunc(*real) != *real || std::abs(*real) >= 0x1p63) return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

Value contains(const Value& container, const Value& wanted, Budget& budget) {
    if (container.is(Type::map)) return map_find(container, wanted, budget).has_value();
    if (!container.is(Type::list)) return no_overload("in", {&wanted, &container});
    for (std::size_t i = 0; i < list_size(container); ++i) {
        if (!budget.spend(1)) return Budget::failure();
        if (equal(list_item(container, i), wanted, budget)) return true;
    }
    return false;
}

std::optional<Value> at(const Value& container, const Value& key, Budget& budget) {
    if (container.is(Type::map)) return map_find(container, key, budget);
    if (!container.is(Type::list)) return no_overload("[]", {&container, &key});
    const auto index = index_of(key);
    if (!index) return no_overload("[]", {&container, &key});
    if (*index < 0 || static_cast<std::uint64_t>(*index) >= list_size(container)) return std::nullopt;
    return list_item(container, static_cast<std::size_t>(*index));
}

}  // namespace ktrain::cel
