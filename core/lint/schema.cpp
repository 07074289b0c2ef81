// Looks up kinds and fields in packed tables.
#include "core/lint/schema.h"

#include <algorithm>
#include <tuple>

namespace ktrain::lint {
namespace {

// The row of an apiVersion and a kind, or nullptr.
template <typename Entry>
const Entry* find_entry(const SchemaTable& table, std::span<const Entry> rows, std::string_view api_version,
                        std::string_view kind) {
    const auto key = [&](const Entry& row) { return std::tuple(table.text(row.api_version), table.text(row.kind)); };
    const std::tuple wanted(api_version, kind);
    const auto found = std::ranges::lower_bound(rows, wanted, {}, key);
    return found != rows.end() && key(*found) == wanted ? &*found : nullptr;
}

}  // namespace

std::span<const EdgeEntry> Type::edges() const {
    return node_->base == Base::object ? table_->edges.subspan(node_->first, node_->edges)
                                       : std::span<const EdgeEntry>();
}

std::span<const EdgeEntry> Type::edges(std::string_view name) const {
    const auto text = [&](const EdgeEntry& edge) { return table_->text(edge.name); };
    // clang 14 cannot read equal_range() of libstdc++.
    return {std::ranges::lower_bound(edges(), name, {}, text), std::ranges::upper_bound(edges(), name, {}, text)};
}

Field Type::field(const EdgeEntry& edge) const {
    return {table_->text(edge.name),           {edge.minors},
            (edge.flags & flag_required) != 0, (edge.flags & flag_defaulted) != 0,
            table_->text(edge.standard),       {*table_, edge.node}};
}

void Schemas::add(std::shared_ptr<const SchemaTable> table) {
    for (const KindEntry& entry : table->kinds) {
        const std::string version(table->text(entry.api_version)), kind(table->text(entry.kind));
        replaced_.emplace(group_of(version), kind);
        more_.insert_or_assign(Name(version, kind), Added{table, &entry});
    }
}

std::optional<KindSchema> Schemas::find(std::string_view api_version, std::string_view kind) const {
    if (!more_.empty()) {
        const auto found = more_.find(Name(api_version, kind));
        if (found != more_.end()) return KindSchema(*found->second.table, *found->second.entry);
        if (replaced_.contains(Name(group_of(api_version), kind))) return std::nullopt;
    }
    const SchemaTable& builtin = builtin_schemas();
    const KindEntry* entry = find_entry(builtin, builtin.kinds, api_version, kind);
    return entry != nullptr ? std::optional(KindSchema(builtin, *entry)) : std::nullopt;
}

std::optional<GoneKind> Schemas::find_gone(std::string_view api_version, std::string_view kind) const {
    const SchemaTable& builtin = builtin_schemas();
    const GoneEntry* entry = find_entry(builtin, builtin.gone, api_version, kind);
    if (entry == nullptr) return std::nullopt;
    return GoneKind{builtin.text(entry->removed), builtin.text(entry->use)};
}

std::vector<KindSchema> Schemas::kinds() const {
    std::vector<KindSchema> result;
    const SchemaTable& builtin = builtin_schemas();
    for (const KindEntry& entry : builtin.kinds) {
        const KindSchema kind(builtin, entry);
        const bool hidden = !replaced_.empty() && replaced_.contains(Name(group_of(kind.api_version()), kind.name()));
        if (!hidden) result.push_back(kind);
    }
    for (const auto& [name, added] : more_) result.emplace_back(*added.table, *added.entry);
    return result;
}

bool Schemas::is_complete(std::string_view group) const {
    const SchemaTable& builtin = builtin_schemas();
    return std::ranges::any_of(builtin.kinds, [&](const KindEntry& entry) {
        return (entry.flags & flag_crd) == 0 && group_of(builtin.text(entry.api_version)) == group;
    });
}

std::string_view group_of(std::string_view api_version) {
    const std::size_t slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

}  // namespace ktrain::lint
