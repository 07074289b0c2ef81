// The table of what the functions and the operators of the rule language take and give.
//
// Sources: cel-spec doc/langdef.md; apiserver pkg/cel/library; cel-go ext and common/stdlib.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "core/cel/functions.h"
#include "core/cel/operators.h"
#include "core/cel/signatures.h"

namespace ktrain::cel::signatures {

using enum Style;

// A letter for each type; `any` is of all. [x] is a list of x, {xy} a map, ?x an optional value. A and B are any type,
// the same wherever they stand; O one that has an order, N one that can be added up.
struct Letter {
    char letter;
    Type type;
};
inline constexpr auto letters = std::to_array<Letter>({
    {'C', Type::cidr},     {'D', Type::duration},       {'I', Type::ip},      {'T', Type::timestamp},
    {'U', Type::url},      {'b', Type::boolean},        {'d', Type::real},    {'e', Type::decision},
    {'f', Type::format},   {'g', Type::group_check},    {'i', Type::integer}, {'p', Type::path_check},
    {'q', Type::quantity}, {'r', Type::resource_check}, {'s', Type::string},  {'t', Type::type},
    {'u', Type::natural},  {'v', Type::semver},         {'y', Type::bytes},   {'z', Type::authorizer},
});
inline constexpr char any = '*';
inline constexpr std::string_view parameters = "ABON";

struct Signature {
    std::string_view name;
    Style style;
    std::string_view overloads;  // "ss>b [s]s>b": values, and what comes of them
};

// Functions that are not here take and give anything.
inline constexpr auto table = std::to_array<Signature>({
    {"add", member, "qq>q qi>q"},
    {"allowed", member, "e>b"},
    {"asApproximateFloat", member, "q>d"},
    {"asInteger", member, "q>i"},
    {"bool", global, "b>b s>b"},
    {"bytes", global, "y>y s>y"},
    {"charAt", member, "si>s"},
    {"check", member, "ps>e rs>e"},
    {"cidr", global, "s>C"},
    {"compareTo", member, "qq>i vv>i"},
    {"contains", member, "ss>b"},
    {"containsCIDR", member, "Cs>b CC>b"},
    {"containsIP", member, "Cs>b CI>b"},
    {"distinct", member, "[A]>[A]"},
    {"double", global, "d>d i>d u>d s>d"},
    {"duration", global, "D>D s>D i>D"},
    {"dyn", global, "A>*"},
    {"endsWith", member, "ss>b"},
    {"error", member, "e>s"},
    {"errored", member, "e>b"},
    {"family", member, "I>i"},
    {"fieldSelector", member, "rs>r"},
    {"find", member, "ss>s"},
    {"findAll", member, "ss>[s] ssi>[s]"},
    {"first", member, "[A]>?A"},
    {"flatten", member, "[[A]]>[A] [*]i>[*]"},
    {"format", member, "s[*]>s"},
    {"format.byte", global, ">f"},
    {"format.date", global, ">f"},
    {"format.datetime", global, ">f"},
    {"format.dns1035Label", global, ">f"},
    {"format.dns1035LabelPrefix", global, ">f"},
    {"format.dns1123Label", global, ">f"},
    {"format.dns1123LabelPrefix", global, ">f"},
    {"format.dns1123Subdomain", global, ">f"},
    {"format.dns1123SubdomainPrefix", global, ">f"},
    {"format.labelValue", global, ">f"},
    {"format.named", global, "s>?f"},
    {"format.qualifiedName", global, ">f"},
    {"format.uri", global, ">f"},
    {"format.uuid", global, ">f"},
    {"getDate", member, "T>i Ts>i"},
    {"getDayOfMonth", member, "T>i Ts>i"},
    {"getDayOfWeek", member, "T>i Ts>i"},
    {"getDayOfYear", member, "T>i Ts>i"},
    {"getEscapedPath", member, "U>s"},
    {"getFullYear", member, "T>i Ts>i"},
    {"getHost", member, "U>s"},
    {"getHostname", member, "U>s"},
    {"getHours", member, "D>i T>i Ts>i"},
    {"getMilliseconds", member, "D>i T>i Ts>i"},
    {"getMinutes", member, "D>i T>i Ts>i"},
    {"getMonth", member, "T>i Ts>i"},
    {"getPort", member, "U>s"},
    {"getQuery", member, "U>{s[s]}"},
    {"getScheme", member, "U>s"},
    {"getSeconds", member, "D>i T>i Ts>i"},
    {"group", member, "zs>g"},
    {"hasValue", member, "?A>b"},
    {"indexOf", member, "ss>i ssi>i [A]A>i"},
    {"int", global, "i>i u>i d>i s>i D>i T>i"},
    {"ip", global, "s>I"},
    {"ip", member, "C>I"},
    {"ip.isCanonical", global, "s>b"},
    {"isCIDR", global, "s>b"},
    {"isGlobalUnicast", member, "I>b"},
    {"isGreaterThan", member, "qq>b vv>b"},
    {"isIP", global, "s>b"},
    {"isInteger", member, "q>b"},
    {"isLessThan", member, "qq>b vv>b"},
    {"isLinkLocalMulticast", member, "I>b"},
    {"isLinkLocalUnicast", member, "I>b"},
    {"isLoopback", member, "I>b"},
    {"isQuantity", global, "s>b"},
    {"isSemver", global, "s>b sb>b"},
    {"isSorted", member, "[O]>b"},
    {"isURL", global, "s>b"},
    {"isUnspecified", member, "I>b"},
    {"join", member, "[s]>s [s]s>s"},
    {"jsonpatch.escapeKey", global, "s>s"},
    {"labelSelector", member, "rs>r"},
    {"last", member, "[A]>?A"},
    {"lastIndexOf", member, "ss>i ssi>i [A]A>i"},
    {"lists.range", global, "i>[i]"},
    {"lowerAscii", member, "s>s"},
    {"major", member, "v>i"},
    {"masked", member, "C>C"},
    {"matches", global, "ss>b"},
    {"matches", member, "ss>b"},
    {"max", member, "[O]>O"},
    {"min", member, "[O]>O"},
    {"minor", member, "v>i"},
    {"name", member, "rs>r"},
    {"namespace", member, "rs>r"},
    {"optional.none", global, ">?A"},
    {"optional.of", global, "A>?A"},
    {"optional.ofNonZeroValue", global, "A>?A"},
    {"optional.unwrap", global, "[?A]>[A]"},
    {"patch", member, "v>i"},
    {"path", member, "zs>p"},
    {"prefixLength", member, "C>i"},
    {"quantity", global, "s>q"},
    {"reason", member, "e>s"},
    {"replace", member, "sss>s sssi>s"},
    {"resource", member, "gs>r"},
    {"reverse", member, "[A]>[A]"},
    {"semver", global, "s>v sb>v"},
    {"serviceAccount", member, "zss>z"},
    {"sets.contains", global, "[A][A]>b"},
    {"sets.equivalent", global, "[A][A]>b"},
    {"sets.intersects", global, "[A][A]>b"},
    {"sign", global, "q>i"},
    {"size", global, "s>i y>i [A]>i {AB}>i"},
    {"size", member, "s>i y>i [A]>i {AB}>i"},
    {"slice", member, "[A]ii>[A]"},
    {"sort", member, "[O]>[O]"},
    {"split", member, "ss>[s] ssi>[s]"},
    {"startsWith", member, "ss>b"},
    {"string", global, "b>s i>s u>s d>s s>s y>s D>s T>s I>s C>s"},
    {"strings.quote", global, "s>s"},
    {"sub", member, "qq>q qi>q"},
    {"subresource", member, "rs>r"},
    {"substring", member, "si>s sii>s"},
    {"sum", member, "[N]>N"},
    {"timestamp", global, "T>T s>T i>T"},
    {"trim", member, "s>s"},
    {"type", global, "A>t"},
    {"uint", global, "u>u i>u d>u s>u"},
    {"unwrapOpt", member, "[?A]>[A]"},
    {"upperAscii", member, "s>s"},
    {"url", global, "s>U"},
    {"validate", member, "fs>?[s]"},
    {"value", member, "?A>A"},
});

// In the order of Operator.
inline constexpr std::string_view sums = "ii>i uu>u dd>d",
                                  order = "bb>b ii>b iu>b id>b uu>b ui>b ud>b dd>b di>b du>b ss>b yy>b DD>b TT>b";
inline constexpr std::array<std::string_view, 12> operators{
    "ii>i uu>u dd>d ss>s yy>y DD>D DT>T TD>T [A][A]>[A]",
    "ii>i uu>u dd>d DD>D TD>T TT>D",
    sums,
    sums,
    "ii>i uu>u",
    "AA>b",
    "AA>b",
    order,
    order,
    order,
    order,
    "A[A]>b A{AB}>b",
};
static_assert(operators.size() == static_cast<std::size_t>(Operator::in) + 1);

// In the order of Form.
inline constexpr std::array<std::string_view, 7> forms{
    "bAA>A",
    "[A]i>A {AB}A>B ?[A]i>?A ?{AB}A>?B",
    "[A]i>?A {AB}A>?B ?[A]i>?A ?{AB}A>?B",
    "i>i d>d",
    "?A?A>?A",
    "?AA>A",
    "[A][O]>[A]",
};
static_assert(forms.size() == static_cast<std::size_t>(Form::sort_by) + 1);

constexpr bool before(const Signature& left, const Signature& right) {
    return left.name != right.name ? left.name < right.name : left.style < right.style;
}
static_assert(std::is_sorted(table.begin(), table.end(), before));
static_assert(std::ranges::is_sorted(letters, {}, &Letter::letter));

}  // namespace ktrain::cel::signatures
