// Equality and order of values of the rule language.
#include "core/base/ip.h"
#include "core/cel/operators.h"
#include "core/cel/semver.h"
#include "core/cel/tree.h"

namespace ktrain::cel {
namespace {

// As cel-go does it: the integer becomes a double, which has 53 bits.
template <typename Integer>
std::partial_ordering order_with_double(Integer left, double right) {
    return static_cast<double>(left) <=> right;
}

std::partial_ordering order_of_signs(std::int64_t left, std::uint64_t right) {
    if (left < 0) return std::partial_ordering::less;
    return static_cast<std::uint64_t>(left) <=> right;
}

std::partial_ordering flipped(std::partial_ordering order) {
    return 0 <=> order;
}

// nullopt: not two numbers.
std::optional<std::partial_ordering> order_of_numbers(const Value& left, const Value& right) {
    const auto *a = left.as<std::int64_t>(), *b = right.as<std::int64_t>();
    const auto *c = left.as<std::uint64_t>(), *d = right.as<std::uint64_t>();
    const auto *e = left.as<double>(), *f = right.as<double>();
    if (a && b) return *a <=> *b;
    if (c && d) return *c <=> *d;
    if (e && f) return *e <=> *f;
    if (a && d) return order_of_signs(*a, *d);
    if (c && b) return flipped(order_of_signs(*b, *c));
    if (a && f) return order_with_double(*a, *f);
    if (c && f) return order_with_double(*c, *f);
    if (e && b) return flipped(order_with_double(*b, *e));
    if (e && d) return flipped(order_with_double(*d, *e));
    return std::nullopt;
}

std::partial_ordering order_of_times(Timestamp left, Timestamp right) {
    return left.seconds != right.seconds ? left.seconds <=> right.seconds : left.nanos <=> right.nanos;
}

bool equal_lists(const Value& left, const Value& right, Budget& budget) {
    const std::size_t size = list_size(left);
    if (size != list_size(right)) return false;
    const Tree* tree = left.as<Tree>();
    const bool any_order = tree && (tree->as == As::set || tree->as == As::keyed);
    for (std::size_t i = 0; i < size; ++i) {
        const Value item = list_item(right, i);
        std::size_t at = any_order ? 0 : i;
        const std::size_t end = any_order ? size : i + 1;
        while (at < end && !equal(list_item(left, at), item, budget)) ++at;
        if (at == end || budget.spent()) return false;
    }
    return true;
}

// Of fields that the schema does not have, which rules cannot name.
bool equal_unseen(const Tree* left, const Tree* right, Budget& budget) {
    if (left == nullptr || right == nullptr || left->as != As::object) return true;
    for (const yaml::Entry& entry : left->node->entries) {
        const std::string key = yaml::key_text(entry.key);
        const yaml::Node* other = right->node->find(key);
        const bool seen = left->typing == nullptr || left->typing->member(left->schema, key);
        if (!seen && other != nullptr &&
            !equal(value_of(entry.value, nullptr, 0), value_of(*other, nullptr, 0), budget))
            return false;
    }
    return true;
}

bool equal_maps(const Value& left, const Value& right, Budget& budget) {
    if (map_size(left) != map_size(right)) return false;
    if (!equal_unseen(left.as<Tree>(), right.as<Tree>(), budget)) return false;
    for (const Value& key : map_keys(left)) {
        const auto a = map_find(left, key, budget), b = map_find(right, key, budget);
        if (budget.spent() || a.has_value() != b.has_value() || (a && !equal(*a, *b, budget))) return false;
    }
    return true;
}

bool equal_optionals(const Optional& left, const Optional& right, Budget& budget) {
    if (!left.value || !right.value) return !left.value && !right.value;
    return equal(*left.value, *right.value, budget);
}

bool equal_urls(const Url& left, const Url& right) {
    return left.scheme == right.scheme && left.host == right.host && left.path == right.path &&
           left.query == right.query;
}

}  // namespace

bool equal(const Value& left, const Value& right, Budget& budget) {
    if (!budget.spend(1)) return false;
    if (const auto result = order_of_numbers(left, right)) return *result == 0;
    if (!left.is(right.type())) return false;
    switch (left.type()) {
        case Type::null:
            return true;
        case Type::boolean:
            return *left.as<bool>() == *right.as<bool>();
        case Type::string:
            return budget.spend_text(left.text().size()) && left.text() == right.text();
        case Type::bytes:
            return budget.spend_text(left.bytes().size()) && left.bytes() == right.bytes();
        case Type::list:
            return equal_lists(left, right, budget);
        case Type::map:
            return equal_maps(left, right, budget);
        case Type::duration:
            return left.as<Duration>()->nanos == right.as<Duration>()->nanos;
        case Type::timestamp:
            return order_of_times(*left.as<Timestamp>(), *right.as<Timestamp>()) == 0;
        case Type::type:
            return left.as<TypeName>()->name == right.as<TypeName>()->name;
        case Type::optional:
            return equal_optionals(*left.as<Optional>(), *right.as<Optional>(), budget);
        case Type::quantity:
            return *left.as<Quantity>() == *right.as<Quantity>();
        case Type::url:
            return equal_urls(**left.as<std::shared_ptr<const Url>>(), **right.as<std::shared_ptr<const Url>>());
        case Type::ip:
            return to_text(*left.as<Ip>()) == to_text(*right.as<Ip>());
        case Type::cidr:
            return to_text(*left.as<Cidr>()) == to_text(*right.as<Cidr>());
        case Type::semver:
            return order(**left.as<std::shared_ptr<const Semver>>(), **right.as<std::shared_ptr<const Semver>>()) == 0;
        case Type::format:
            return left.as<Format>()->row == right.as<Format>()->row;
        default:
            return false;
    }
}

std::optional<std::partial_ordering> order(const Value& left, const Value& right) {
    if (const auto result = order_of_numbers(left, right)) return result;
    if (!left.is(right.type())) return std::nullopt;
    switch (left.type()) {
        case Type::boolean:
            return *left.as<bool>() <=> *right.as<bool>();
        case Type::string:
            return left.text() <=> right.text();
        case Type::bytes:
            return left.bytes() <=> right.bytes();
        case Type::duration:
            return left.as<Duration>()->nanos <=> right.as<Duration>()->nanos;
        case Type::timestamp:
            return order_of_times(*left.as<Timestamp>(), *right.as<Timestamp>());
        default:
            return std::nullopt;
    }
}

}  // namespace ktrain::cel
