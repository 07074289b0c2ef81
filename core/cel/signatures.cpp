// The table of what the functions of the rule language take and give.
//
// Sources: cel-spec doc/langdef.md; apiserver pkg/cel/library; cel-go ext.
#include "core/cel/signatures.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/article.h"
#include "core/base/text.h"

namespace ktrain::cel {
namespace {

using enum Style;

// A letter for each type; `any` is of all. Lists of items that have an order (L), that can be added (N), of texts (S).
// After a list: one of its items (k), another list of such items (K). Of results alone: what the list has as items (e),
// what the function is called on (r).
struct Letter {
    char letter;
    Type type;
};
constexpr auto letters = std::to_array<Letter>({
    {'C', Type::cidr},     {'D', Type::duration},  {'I', Type::ip},      {'L', Type::list},    {'N', Type::list},
    {'S', Type::list},     {'T', Type::timestamp}, {'U', Type::url},     {'b', Type::boolean}, {'d', Type::real},
    {'f', Type::format},   {'i', Type::integer},   {'l', Type::list},    {'m', Type::map},     {'o', Type::optional},
    {'q', Type::quantity}, {'s', Type::string},    {'u', Type::natural}, {'v', Type::semver},  {'y', Type::bytes},
});
constexpr char any = '*';

struct Signature {
    std::string_view name;
    Style style;
    std::string_view overloads;  // "ss>b sl>b": values, and what comes of them
};

// Functions that are not here take and give anything.
constexpr auto table = std::to_array<Signature>({
    {"add", member, "qq>q qi>q"},
    {"asApproximateFloat", member, "q>d"},
    {"asInteger", member, "q>i"},
    {"bool", global, "b>b s>b"},
    {"bytes", global, "y>y s>y"},
    {"charAt", member, "si>s"},
    {"cidr", global, "s>C"},
    {"compareTo", member, "qq>i vv>i"},
    {"contains", member, "ss>b"},
    {"containsCIDR", member, "Cs>b CC>b"},
    {"containsIP", member, "Cs>b CI>b"},
    {"distinct", member, "l>r"},
    {"double", global, "d>d i>d u>d s>d"},
    {"duration", global, "D>D s>D i>D"},
    {"endsWith", member, "ss>b"},
    {"family", member, "I>i"},
    {"find", member, "ss>s"},
    {"findAll", member, "ss>S ssi>S"},
    {"first", member, "l>o"},
    {"flatten", member, "l>l li>l"},
    {"format", member, "sl>s"},
    {"format.named", global, "s>o"},
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
    {"getQuery", member, "U>m"},
    {"getScheme", member, "U>s"},
    {"getSeconds", member, "D>i T>i Ts>i"},
    {"hasValue", member, "o>b"},
    {"indexOf", member, "ss>i ssi>i lk>i"},
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
    {"isSorted", member, "L>b"},
    {"isURL", global, "s>b"},
    {"isUnspecified", member, "I>b"},
    {"join", member, "S>s Ss>s"},
    {"last", member, "l>o"},
    {"lastIndexOf", member, "ss>i ssi>i lk>i"},
    {"lists.range", global, "i>l"},
    {"lowerAscii", member, "s>s"},
    {"major", member, "v>i"},
    {"masked", member, "C>C"},
    {"matches", global, "ss>b"},
    {"matches", member, "ss>b"},
    {"max", member, "L>e"},
    {"min", member, "L>e"},
    {"minor", member, "v>i"},
    {"optional.of", global, "*>o"},
    {"optional.unwrap", global, "l>l"},
    {"patch", member, "v>i"},
    {"prefixLength", member, "C>i"},
    {"quantity", global, "s>q"},
    {"replace", member, "sss>s sssi>s"},
    {"reverse", member, "l>r"},
    {"semver", global, "s>v sb>v"},
    {"sets.contains", global, "lK>b"},
    {"sets.equivalent", global, "lK>b"},
    {"sets.intersects", global, "lK>b"},
    {"sign", global, "q>i"},
    {"size", global, "s>i y>i l>i m>i"},
    {"size", member, "s>i y>i l>i m>i"},
    {"slice", member, "lii>r"},
    {"sort", member, "L>r"},
    {"split", member, "ss>S ssi>S"},
    {"startsWith", member, "ss>b"},
    {"string", global, "b>s i>s u>s d>s s>s y>s D>s T>s I>s C>s U>s"},
    {"strings.quote", global, "s>s"},
    {"sub", member, "qq>q qi>q"},
    {"substring", member, "si>s sii>s"},
    {"sum", member, "N>e"},
    {"timestamp", global, "T>T s>T i>T"},
    {"trim", member, "s>s"},
    {"uint", global, "u>u i>u d>u s>u"},
    {"unwrapOpt", member, "l>l"},
    {"upperAscii", member, "s>s"},
    {"url", global, "s>U"},
    {"validate", member, "fs>o"},
    {"value", member, "o>*"},
});

constexpr bool before(const Signature& left, const Signature& right) {
    return left.name != right.name ? left.name < right.name : left.style < right.style;
}
static_assert(std::is_sorted(table.begin(), table.end(), before));
static_assert(std::ranges::is_sorted(letters, {}, &Letter::letter));

std::optional<Type> type_of(char letter) {
    const auto found = std::ranges::lower_bound(letters, letter, {}, &Letter::letter);
    return found == letters.end() || found->letter != letter ? std::nullopt : std::optional(found->type);
}

bool has_order(Type type) {
    constexpr std::array ordered{Type::boolean, Type::integer, Type::natural,  Type::real,
                                 Type::string,  Type::bytes,   Type::duration, Type::timestamp};
    return std::ranges::find(ordered, type) != ordered.end();
}

bool can_be_added(Type type) {
    return type == Type::integer || type == Type::natural || type == Type::real || type == Type::duration;
}

// `first`: what the function is called on, or its first value.
bool fits(char letter, const Shape& value, const Shape& first) {
    if (letter == any || !value.type) return true;
    if (letter == 'k') return !first.item || first.item == value.type;
    if (letter == 'K') return value.type == Type::list && (!first.item || !value.item || first.item == value.item);
    if (type_of(letter) != value.type) return false;
    if (!value.item) return true;
    return letter == 'L'   ? has_order(*value.item)
           : letter == 'N' ? can_be_added(*value.item)
           : letter == 'S' ? *value.item == Type::string
                           : true;
}

std::string of_letter(char letter, const Shape& first) {
    const std::string items = first.item ? " of " + std::string(name_of(*first.item)) : "";
    if (letter == 'k') return first.item ? typed(*first.item) : "an item";
    if (letter == 'K') return "a list" + items;
    constexpr std::string_view lists = "LNS";
    constexpr std::array<std::string_view, 3> words{"a list of what has an order", "a list of numbers or durations",
                                                    "a list of strings"};
    const std::size_t list = lists.find(letter);
    return list == lists.npos ? typed(*type_of(letter)) : std::string(words[list]);
}

// What one of the overloads takes as its n-th value: "a string or a list".
std::string wanted(const std::vector<std::string_view>& overloads, std::size_t n, const Shape& first) {
    std::vector<std::string> words;
    for (const std::string_view overload : overloads) {
        std::string word = of_letter(overload[n], first);
        if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
    }
    const std::string last = std::move(words.back());
    words.pop_back();
    return words.empty() ? last : join(words, ", ") + " or " + last;
}

Shape given_by(char letter, const Shape& first) {
    if (letter == 'r') return first;
    if (letter == 'e') return {first.item};
    if (letter == 'S') return {Type::list, Type::string};
    return {type_of(letter)};
}

}  // namespace

std::string typed(Type type) {
    return with_article(name_of(type));
}

std::string described(const Shape& shape) {
    if (!shape.type) return "a value";
    return typed(*shape.type) + (shape.item ? " of " + std::string(name_of(*shape.item)) : "");
}

Answer call_of(const Function& function, std::span<const Shape> values) {
    const auto row = std::lower_bound(table.begin(), table.end(), Signature{function.name, function.style, ""}, before);
    if (row == table.end() || row->name != function.name || row->style != function.style) return {};
    std::vector<std::string_view> open;
    std::string_view rest = row->overloads;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        if (one.find('>') == values.size()) open.push_back(one);
    }
    for (std::size_t n = 0; n < values.size() && !open.empty(); ++n) {
        const std::vector<std::string_view> tried = open;
        std::erase_if(open, [&](std::string_view one) { return !fits(one[n], values[n], values.front()); });
        if (!open.empty()) continue;
        const std::string name(function.name);
        if (n == 0 && function.style == member) return {described(values[n]) + " has no " + name + "()", {}};
        return {name + "() wants " + wanted(tried, n, values.front()) + ", got " + described(values[n]), {}};
    }
    Answer answer;
    for (std::size_t i = 0; i < open.size(); ++i) {
        const Shape gives = given_by(open[i].back(), values.empty() ? Shape{} : values.front());
        if (i > 0 && !(gives == answer.gives)) return {};
        answer.gives = gives;
    }
    return answer;
}

}  // namespace ktrain::cel
