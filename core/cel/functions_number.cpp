// Functions of quantities and of semantic versions. Source: apiserver pkg/cel/library/{quantity,semverlib}.go.
#include <optional>

#include "core/base/text.h"
#include "core/cel/handlers.h"
#include "core/cel/semver.h"

namespace ktrain::cel::handlers {
namespace {

const Semver* version_of(const Value& value) {
    const auto* version = value.as<std::shared_ptr<const Semver>>();
    return version ? version->get() : nullptr;
}

// The order of two quantities or two versions; nullopt for other values.
std::optional<std::strong_ordering> order_of(const Call& call) {
    const Quantity *a = call[0].as<Quantity>(), *b = call[1].as<Quantity>();
    if (a && b) return *a <=> *b;
    const Semver *left = version_of(call[0]), *right = version_of(call[1]);
    if (left && right) return order(*left, *right);
    return std::nullopt;
}

// The second value of add() and sub(), times `sign`.
std::optional<Quantity> summand(const Call& call, std::int64_t sign) {
    if (const Quantity* other = call[1].as<Quantity>()) return *other * sign;
    if (const auto* units = call[1].as<std::int64_t>()) return Quantity::of_units(*units) * sign;
    return std::nullopt;
}

std::optional<Semver> read_version(const Call& call) {
    const bool normalize = call.size() > 1 && *call[1].as<bool>();
    return parse_semver(call[0].text(), normalize);
}

bool takes_version(const Call& call) {
    return call.has(0, Type::string) && (call.size() < 2 || call.has(1, Type::boolean));
}

Value sum_of(const Call& call, std::int64_t sign) {
    const Quantity* quantity = call[0].as<Quantity>();
    const auto other = summand(call, sign);
    return quantity && other ? Value(*quantity + *other) : call.wrong();
}

}  // namespace

Value quantity(const Call& call) {
    if (!call.has(0, Type::string)) return call.wrong();
    const auto parsed = Quantity::parse(call[0].text());
    return parsed ? Value(*parsed) : fail("'" + brief(call[0].text()) + "' is no quantity");
}

Value is_quantity(const Call& call) {
    return call.has(0, Type::string) ? Value(Quantity::parse(call[0].text()).has_value()) : call.wrong();
}

Value sign(const Call& call) {
    const Quantity* value = call[0].as<Quantity>();
    if (!value) return call.wrong();
    const auto result = *value <=> Quantity();
    return std::int64_t{result < 0 ? -1 : result > 0 ? 1 : 0};
}

Value is_integer(const Call& call) {
    const Quantity* value = call[0].as<Quantity>();
    return value ? Value(value->whole()) : call.wrong();
}

Value as_integer(const Call& call) {
    const Quantity* value = call[0].as<Quantity>();
    if (!value) return call.wrong();
    return value->whole() ? Value(value->units_rounded_up()) : fail("the quantity is not an integer");
}

Value as_approximate_float(const Call& call) {
    const Quantity* value = call[0].as<Quantity>();
    return value ? Value(value->approximately()) : call.wrong();
}

Value quantity_add(const Call& call) {
    return sum_of(call, 1);
}

Value quantity_sub(const Call& call) {
    return sum_of(call, -1);
}

Value compare_to(const Call& call) {
    const auto result = order_of(call);
    return result ? Value(std::int64_t{*result < 0 ? -1 : *result > 0 ? 1 : 0}) : call.wrong();
}

Value is_greater_than(const Call& call) {
    const auto result = order_of(call);
    return result ? Value(*result > 0) : call.wrong();
}

Value is_less_than(const Call& call) {
    const auto result = order_of(call);
    return result ? Value(*result < 0) : call.wrong();
}

Value semver(const Call& call) {
    if (!takes_version(call)) return call.wrong();
    auto version = read_version(call);
    if (!version) return fail("'" + brief(call[0].text()) + "' is no semantic version");
    return std::make_shared<const Semver>(std::move(*version));
}

Value is_semver(const Call& call) {
    return takes_version(call) ? Value(read_version(call).has_value()) : call.wrong();
}

Value semver_part(const Call& call) {
    const Semver* version = version_of(call[0]);
    if (!version) return call.wrong();
    const std::size_t part = call.name == "major" ? 0 : call.name == "minor" ? 1 : 2;
    return static_cast<std::int64_t>(version->numbers[part]);
}

}  // namespace ktrain::cel::handlers
