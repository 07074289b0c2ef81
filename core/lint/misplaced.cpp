// Looks for the object that a misplaced field is a field of.
#include "core/lint/misplaced.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/facts.h"

namespace ktrain::lint {
namespace {

constexpr int most_levels = 3;  // that were left out

const yaml::Node* member_of(const yaml::Node& node, std::string_view name) {
    const auto entry = std::ranges::find_if(
        node.entries, [&](const yaml::Entry& one) { return std::string_view(one.key.text) == name; });
    return entry == node.entries.end() ? nullptr : &entry->value;
}

// Of the required objects below, the first that has the field; the path to it.
std::string way_down(std::string_view field, Type type, const yaml::Node* there, int levels) {
    for (const EdgeEntry& edge : type.edges()) {
        const Field inner = type.field(edge);
        if (!inner.required || inner.type.base() != Base::object) continue;
        if (there != nullptr && member_of(*there, inner.name) != nullptr) continue;
        if (!inner.type.edges(field).empty()) return std::string(inner.name);
        const std::string rest = levels > 1 ? way_down(field, inner.type, nullptr, levels - 1) : "";
        if (!rest.empty()) return std::string(inner.name) + "." + rest;
    }
    return "";
}

}  // namespace

std::optional<Home> home_of(std::string_view field, const yaml::Node& value, std::span<const Level> levels) {
    const Level& own = levels.back();
    const std::string way = way_down(field, own.type, own.at->node, most_levels);
    if (!way.empty()) {
        const std::string here = own.at->spot().path;
        return Home{here.empty() ? way : here + "." + way, own.at->node, way.substr(0, way.find('.'))};
    }
    for (std::size_t i = levels.size() - 1; i-- > 0;) {
        if (levels[i].type.edges(field).empty()) continue;
        const yaml::Node* taken = member_of(*levels[i].at->node, field);
        const bool joins = taken != nullptr && taken->kind == yaml::Kind::sequence && value.kind == taken->kind;
        if (taken != nullptr && !joins) return std::nullopt;
        return Home{levels[i].at->spot().path, levels[i].at->node, std::string(field)};
    }
    return std::nullopt;
}

std::vector<std::string_view> names_of(Type type, Minors minors) {
    std::vector<std::string_view> names;
    for (const EdgeEntry& edge : type.edges())
        if (!(minors & Minors{edge.minors}).empty()) names.push_back(type.text(edge.name));
    return names;
}

void check_kept(Findings& findings, const Trail& at, Type type, Minors minors) {
    const std::vector<std::string_view> names = names_of(type, minors);
    const std::string near = nearest(at.name, names);
    if (!is_clear(at.name, near, names)) return;
    const yaml::Node& owner = *at.parent->node;
    const yaml::Node* there = member_of(owner, near);
    const bool filled = there != nullptr && there->line == owner.line && there->column == owner.column;  // by a default
    if (there != nullptr && !filled) return;
    if (std::ranges::any_of(type.edges(near), is_needed)) return;
    findings.add("KT003", at.spot().key_place(),
                 "the server keeps '" + printable(at.name) + "', and what reads '" + near + "' does not see it",
                 "did you mean '" + near + "'?", Severity::warning);
}

}  // namespace ktrain::lint
