// Which types go together for an API server.
#include "core/cel/known.h"

#include "core/base/article.h"

namespace ktrain::cel {
namespace {

// Whether null is a value of the type. Source: internalIsAssignableNull.
bool is_nullable(const Known& known) {
    switch (*known.type) {
        case Type::boolean:
        case Type::integer:
        case Type::natural:
        case Type::real:
        case Type::string:
        case Type::bytes:
        case Type::list:
        case Type::type:
            return false;
        case Type::map:
            return known.is_object();
        default:
            return true;
    }
}

bool same_object(const Known& a, const Known& b) {
    return a.name.empty() || b.name.empty() ? a.name == b.name && a.schema == b.schema : a.name == b.name;
}

std::string bare(const Known& known) {
    if (known.is_object()) return known.name.empty() ? "object" : known.name;
    std::string word(name_of(*known.type));
    const Known last = known.parts.empty() ? Known{} : known.parts.back();
    if (!last.type) return word;
    const bool map = known.type == Type::map && known.part(0).type;
    return word + " of " + (map ? bare(known.part(0)) + " to " : "") + bare(last);
}

}  // namespace

Known known_as(Type type) {
    return {.type = type};
}

Known list_of(Known item) {
    return {.type = Type::list, .parts = {std::move(item)}};
}

Known map_of(Known key, Known value) {
    return {.type = Type::map, .parts = {std::move(key), std::move(value)}};
}

Known optional_of(Known held) {
    return {.type = Type::optional, .parts = {std::move(held)}};
}

Known object_named(std::string name) {
    return {.type = Type::map, .name = std::move(name)};
}

Known dynamic() {
    return {.dynamic = true};
}

Known free_type() {
    return {.free = true};
}

bool assignable(const Known& a, const Known& b) {
    if (!a.type || !b.type) return true;
    if (a.type == Type::null || b.type == Type::null)
        return a.type == b.type || is_nullable(a.type == Type::null ? b : a);
    if (a.type != b.type || a.is_object() != b.is_object()) return false;
    if (a.is_object()) return same_object(a, b);
    for (std::size_t i = 0; i < a.parts.size() && i < b.parts.size(); ++i)
        if (!assignable(a.parts[i], b.parts[i])) return false;
    return true;
}

Known joined(const Known& first, const Known& second) {
    if (first.free) return second;
    if (second.free) return first;
    if (first.is_unknown() || second.is_unknown()) return {};
    if (!first.type || !second.type) return dynamic();
    if (first.type != second.type) return first;  // one is null
    Known both = first;
    for (std::size_t i = 0; i < both.parts.size() && i < second.parts.size(); ++i)
        both.parts[i] = joined(first.parts[i], second.parts[i]);
    return both;
}

bool equivalent(const Known& a, const Known& b) {
    if (a.free || b.free || a.is_unknown() || b.is_unknown()) return true;
    if (a.type != b.type || a.is_object() != b.is_object()) return false;
    if (a.is_object()) return same_object(a, b);
    for (std::size_t i = 0; i < a.parts.size() && i < b.parts.size(); ++i)
        if (!equivalent(a.parts[i], b.parts[i])) return false;
    return true;
}

Known settled(Known known) {
    if (known.free) return dynamic();
    for (Known& part : known.parts) part = settled(std::move(part));
    return known;
}

std::size_t count_parts(const Known& known) {
    std::size_t count = 1;
    for (const Known& part : known.parts) count += count_parts(part);
    return count;
}

std::string typed(Type type) {
    return with_article(name_of(type));
}

std::string described(const Known& known) {
    return known.type ? with_article(bare(known)) : "a value";
}

}  // namespace ktrain::cel
