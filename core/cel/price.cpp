// The table of what functions of the rule language cost an API server.
//
// Sources: cel-go checker/cost.go; apiserver pkg/cel/library/cost.go.
#include "core/cel/price.h"

#include <algorithm>
#include <array>
#include <optional>

namespace ktrain::cel {
namespace {

struct Price {
    std::string_view name;
    std::optional<Style> style;  // none: both
    Work work;
};

// Functions that are not here: Work::one.
constexpr auto prices = std::to_array<Price>({
    {"bytes", Style::global, Work::to_bytes},
    {"cidr", Style::global, Work::walk},
    {"contains", Style::member, Work::walk_both},
    {"containsCIDR", Style::member, Work::network},
    {"containsIP", Style::member, Work::address},
    {"distinct", Style::member, Work::distinct},
    {"dyn", Style::global, Work::same},
    {"endsWith", Style::member, Work::walk_other},
    {"find", Style::member, Work::pattern_text},
    {"findAll", Style::member, Work::pattern_text},
    {"flatten", Style::member, Work::flatten},
    {"format", Style::member, Work::walk},
    {"indexOf", Style::member, Work::items},
    {"ip", Style::global, Work::walk},
    {"ip.isCanonical", {}, Work::walk_twice},
    {"isCIDR", Style::global, Work::walk},
    {"isIP", Style::global, Work::walk},
    {"isQuantity", Style::global, Work::walk},
    {"isSemver", Style::global, Work::walk},
    {"isSorted", Style::member, Work::items},
    {"join", Style::member, Work::join},
    {"lastIndexOf", Style::member, Work::items},
    {"lists.range", Style::global, Work::range},
    {"lowerAscii", Style::member, Work::walk_same},
    {"matches", {}, Work::pattern},
    {"max", Style::member, Work::items},
    {"min", Style::member, Work::items},
    {"quantity", Style::global, Work::walk},
    {"replace", Style::member, Work::replace},
    {"reverse", Style::member, Work::reverse},
    {"semver", Style::global, Work::walk},
    {"sets.contains", {}, Work::pairs},
    {"sets.equivalent", {}, Work::equals},
    {"sets.intersects", {}, Work::pairs},
    {"slice", Style::member, Work::slice},
    {"sort", Style::member, Work::sort},
    {"split", Style::member, Work::split},
    {"startsWith", Style::member, Work::walk_other},
    {"string", Style::global, Work::to_text},
    {"strings.quote", {}, Work::quote},
    {"substring", Style::member, Work::walk_same},
    {"sum", Style::member, Work::items},
    {"trim", Style::member, Work::walk_same},
    {"upperAscii", Style::member, Work::walk_same},
    {"url", Style::global, Work::walk_same},
    {"validate", Style::member, Work::format},
});
static_assert(std::ranges::is_sorted(prices, {}, &Price::name));

}  // namespace

Work work_of(const Function& function) {
    const auto row = std::ranges::lower_bound(prices, function.name, {}, &Price::name);
    const bool found = row != prices.end() && row->name == function.name;
    return found && (!row->style || row->style == function.style) ? row->work : Work::one;
}

}  // namespace ktrain::cel
