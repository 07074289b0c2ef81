// The table of the functions of the rule language.
//
// Sources: cel-spec doc/langdef.md; the libraries of apiserver pkg/cel/library and of cel-go ext that
// pkg/cel/environment/base.go lists, up to Kubernetes 1.36.
#include "core/cel/functions.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cel/handlers.h"

namespace ktrain::cel {
namespace {

using enum Style;
namespace h = handlers;

constexpr auto table = std::to_array<Function>({
    {"add", member, 2, 2, h::quantity_add},
    {"allowed", member, 1, 1, h::no_value, false, Library::authorizer},
    {"asApproximateFloat", member, 1, 1, h::as_approximate_float},
    {"asInteger", member, 1, 1, h::as_integer},
    {"bool", global, 1, 1, h::to_bool},
    {"bytes", global, 1, 1, h::to_bytes},
    {"charAt", member, 2, 2, h::char_at},
    {"check", member, 2, 2, h::no_value, false, Library::authorizer},
    {"cidr", global, 1, 1, h::cidr},
    {"compareTo", member, 2, 2, h::compare_to},
    {"contains", member, 2, 2, h::contains_text},
    {"containsCIDR", member, 2, 2, h::contains_cidr},
    {"containsIP", member, 2, 2, h::contains_ip},
    {"distinct", member, 1, 1, h::distinct},
    {"double", global, 1, 1, h::to_double},
    {"duration", global, 1, 1, h::to_duration},
    {"dyn", global, 1, 1, h::to_dyn},
    {"endsWith", member, 2, 2, h::ends_with},
    {"error", member, 1, 1, h::no_value, false, Library::authorizer},
    {"errored", member, 1, 1, h::no_value, false, Library::authorizer},
    {"family", member, 1, 1, h::family},
    {"fieldSelector", member, 2, 2, h::no_value, false, Library::authorizer},
    {"find", member, 2, 2, h::find, true},
    {"findAll", member, 2, 3, h::find_all, true},
    {"first", member, 1, 1, h::first},
    {"flatten", member, 1, 2, h::flatten},
    {"format", member, 2, 2, h::format_percent},
    {"format.byte", global, 0, 0, h::format_constant},
    {"format.date", global, 0, 0, h::format_constant},
    {"format.datetime", global, 0, 0, h::format_constant},
    {"format.dns1035Label", global, 0, 0, h::format_constant},
    {"format.dns1035LabelPrefix", global, 0, 0, h::format_constant},
    {"format.dns1123Label", global, 0, 0, h::format_constant},
    {"format.dns1123LabelPrefix", global, 0, 0, h::format_constant},
    {"format.dns1123Subdomain", global, 0, 0, h::format_constant},
    {"format.dns1123SubdomainPrefix", global, 0, 0, h::format_constant},
    {"format.labelValue", global, 0, 0, h::format_constant},
    {"format.named", global, 1, 1, h::format_named},
    {"format.qualifiedName", global, 0, 0, h::format_constant},
    {"format.uri", global, 0, 0, h::format_constant},
    {"format.uuid", global, 0, 0, h::format_constant},
    {"getDate", member, 1, 2, h::time_part},
    {"getDayOfMonth", member, 1, 2, h::time_part},
    {"getDayOfWeek", member, 1, 2, h::time_part},
    {"getDayOfYear", member, 1, 2, h::time_part},
    {"getEscapedPath", member, 1, 1, h::url_part},
    {"getFullYear", member, 1, 2, h::time_part},
    {"getHost", member, 1, 1, h::url_part},
    {"getHostname", member, 1, 1, h::url_part},
    {"getHours", member, 1, 2, h::time_part},
    {"getMilliseconds", member, 1, 2, h::time_part},
    {"getMinutes", member, 1, 2, h::time_part},
    {"getMonth", member, 1, 2, h::time_part},
    {"getPort", member, 1, 1, h::url_part},
    {"getQuery", member, 1, 1, h::url_query},
    {"getScheme", member, 1, 1, h::url_part},
    {"getSeconds", member, 1, 2, h::time_part},
    {"group", member, 2, 2, h::no_value, false, Library::authorizer},
    {"hasValue", member, 1, 1, h::optional_has_value},
    {"includes", member, 2, 2, h::no_value, false, Library::devices},  // with lists: DRAListTypeAttributes
    {"indexOf", member, 2, 3, h::index_of},
    {"int", global, 1, 1, h::to_int},
    {"ip", global, 1, 1, h::ip},
    {"ip", member, 1, 1, h::cidr_ip},
    {"ip.isCanonical", global, 1, 1, h::is_canonical},
    {"isCIDR", global, 1, 1, h::is_cidr},
    {"isGlobalUnicast", member, 1, 1, h::ip_is},
    {"isGreaterThan", member, 2, 2, h::is_greater_than},
    {"isIP", global, 1, 1, h::is_ip},
    {"isInteger", member, 1, 1, h::is_integer},
    {"isLessThan", member, 2, 2, h::is_less_than},
    {"isLinkLocalMulticast", member, 1, 1, h::ip_is},
    {"isLinkLocalUnicast", member, 1, 1, h::ip_is},
    {"isLoopback", member, 1, 1, h::ip_is},
    {"isQuantity", global, 1, 1, h::is_quantity},
    {"isSemver", global, 1, 2, h::is_semver},
    {"isSorted", member, 1, 1, h::is_sorted},
    {"isURL", global, 1, 1, h::is_url},
    {"isUnspecified", member, 1, 1, h::ip_is},
    {"join", member, 1, 2, h::join},
    {"jsonpatch.escapeKey", global, 1, 1, h::no_value, false, Library::mutation},
    {"labelSelector", member, 2, 2, h::no_value, false, Library::authorizer},
    {"last", member, 1, 1, h::last},
    {"lastIndexOf", member, 2, 3, h::last_index_of},
    {"lists.range", global, 1, 1, h::range},
    {"lowerAscii", member, 1, 1, h::lower_ascii},
    {"major", member, 1, 1, h::semver_part},
    {"masked", member, 1, 1, h::masked},
    {"matches", global, 2, 2, h::matches, true},
    {"matches", member, 2, 2, h::matches, true},
    {"max", member, 1, 1, h::max},
    {"min", member, 1, 1, h::min},
    {"minor", member, 1, 1, h::semver_part},
    {"name", member, 2, 2, h::no_value, false, Library::authorizer},
    {"namespace", member, 2, 2, h::no_value, false, Library::authorizer},
    {"optional.none", global, 0, 0, h::optional_none},
    {"optional.of", global, 1, 1, h::optional_of},
    {"optional.ofNonZeroValue", global, 1, 1, h::optional_of_non_zero},
    {"optional.unwrap", global, 1, 1, h::optional_unwrap},
    {"patch", member, 1, 1, h::semver_part},
    {"path", member, 2, 2, h::no_value, false, Library::authorizer},
    {"prefixLength", member, 1, 1, h::prefix_length},
    {"quantity", global, 1, 1, h::quantity},
    {"reason", member, 1, 1, h::no_value, false, Library::authorizer},
    {"replace", member, 3, 4, h::replace},
    {"resource", member, 2, 2, h::no_value, false, Library::authorizer},
    {"reverse", member, 1, 1, h::reverse},
    {"semver", global, 1, 2, h::semver},
    {"serviceAccount", member, 3, 3, h::no_value, false, Library::authorizer},
    {"sets.contains", global, 2, 2, h::sets_contains},
    {"sets.equivalent", global, 2, 2, h::sets_equivalent},
    {"sets.intersects", global, 2, 2, h::sets_intersects},
    {"sign", global, 1, 1, h::sign},
    {"size", global, 1, 1, h::size},
    {"size", member, 1, 1, h::size},
    {"slice", member, 3, 3, h::slice},
    {"sort", member, 1, 1, h::sort},
    {"split", member, 2, 3, h::split},
    {"startsWith", member, 2, 2, h::starts_with},
    {"string", global, 1, 1, h::to_string},
    {"strings.quote", global, 1, 1, h::quote},
    {"sub", member, 2, 2, h::quantity_sub},
    {"subresource", member, 2, 2, h::no_value, false, Library::authorizer},
    {"substring", member, 2, 3, h::substring},
    {"sum", member, 1, 1, h::sum},
    {"timestamp", global, 1, 1, h::to_timestamp},
    {"trim", member, 1, 1, h::trim},
    {"type", global, 1, 1, h::type_of},
    {"uint", global, 1, 1, h::to_uint},
    {"unwrapOpt", member, 1, 1, h::optional_unwrap},
    {"upperAscii", member, 1, 1, h::upper_ascii},
    {"url", global, 1, 1, h::url},
    {"validate", member, 2, 2, h::format_validate},
    {"value", member, 1, 1, h::optional_value},
});

constexpr auto types = std::to_array<std::string_view>(
    {"bool", "bytes", "double", "google.protobuf.Duration", "google.protobuf.Timestamp", "int",
     "kubernetes.NamedFormat", "kubernetes.Quantity", "kubernetes.Semver", "kubernetes.URL", "list", "map", "net.CIDR",
     "net.IP", "null_type", "optional_type", "string", "type", "uint"});
static_assert(std::is_sorted(types.begin(), types.end()));

constexpr bool before(const Function& left, const Function& right) {
    return left.name != right.name ? left.name < right.name : left.style < right.style;
}
static_assert(std::is_sorted(table.begin(), table.end(), before));

}  // namespace

Value Call::wrong() const {
    std::string types_given;
    for (const Value& value : values) {
        types_given += types_given.empty() ? "" : ", ";
        types_given += name_of(value.type());
    }
    return fail("'" + std::string(name) + "' does not take " + types_given);
}

std::span<const Function> functions() {
    return table;
}

std::optional<std::size_t> find_function(std::string_view name, Style style) {
    const Function wanted{name, style, 0, 0, nullptr};
    const auto row = std::lower_bound(table.begin(), table.end(), wanted, before);
    if (row == table.end() || row->name != name || row->style != style) return std::nullopt;
    return static_cast<std::size_t>(row - table.begin());
}

std::string nearest_function(std::string_view name, Style style, const Environment& environment) {
    std::vector<std::string_view> names;
    for (const Function& function : table) {
        if (function.style == style && environment.has(function.library)) names.push_back(function.name);
    }
    return nearest(name, names);
}

std::optional<TypeName> find_type(std::string_view name) {
    const auto found = std::lower_bound(types.begin(), types.end(), name);
    if (found == types.end() || *found != name) return std::nullopt;
    return TypeName{*found};
}

}  // namespace ktrain::cel
