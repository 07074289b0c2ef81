// What the fields of Kubernetes objects are: types, required fields, closed sets of values, ranges, and their versions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/lint/schema_table.h"

namespace ktrain::lint {

struct Field;

// A node of a table. Good as long as the table.
class Type {
public:
    Type(const SchemaTable& table, std::uint16_t node) : table_(&table), node_(&table.nodes[node]) {}

    Base base() const { return node_->base; }
    std::uint8_t flags() const { return node_->flags; }
    bool has(Flag flag) const { return (node_->flags & flag) != 0; }
    std::string_view name() const { return table_->text(node_->name); }  // of an object; "" in custom resources
    Type inside() const { return {*table_, node_->first}; }              // of a list or map
    std::span<const FactEntry> facts() const { return table_->facts.subspan(node_->first_fact, node_->facts); }
    std::string_view text(std::uint16_t index) const { return table_->text(index); }

    // The fields of an object, sorted by name. A field whose type changed is there once for each type.
    std::span<const EdgeEntry> edges() const;
    // Those of one name: none, one, or several with different minors.
    std::span<const EdgeEntry> edges(std::string_view name) const;
    Field field(const EdgeEntry& edge) const;

private:
    const SchemaTable* table_;
    const NodeEntry* node_;
};

struct Field {
    std::string_view name;
    Minors minors;
    bool required = false;
    bool defaulted = false;
    std::string_view standard;  // the default, where it is a scalar
    Type type;
};

class KindSchema {
public:
    KindSchema(const SchemaTable& table, const KindEntry& entry) : table_(&table), entry_(&entry) {}

    std::string_view api_version() const { return table_->text(entry_->api_version); }
    std::string_view name() const { return table_->text(entry_->kind); }
    std::string_view templates() const { return table_->text(entry_->templates); }
    std::string_view use() const { return table_->text(entry_->use); }
    Minors minors() const { return {entry_->minors}; }
    bool has(Flag flag) const { return (entry_->flags & flag) != 0; }
    int deprecated() const { return entry_->deprecated; }  // the minor, or 0
    int removed() const { return entry_->removed; }
    NameRule name_rule() const { return entry_->name_rule; }
    Type type() const { return {*table_, entry_->node}; }

private:
    const SchemaTable* table_;
    const KindEntry* entry_;
};

// A kind of an API that no supported version has.
struct GoneKind {
    std::string_view removed;
    std::string_view use;
};

// The tables that a check looks kinds up in.
class Schemas {
public:
    Schemas() = default;  // the compiled-in table
    // A kind of a later table hides that of earlier ones, and all versions of it that are compiled in.
    void add(std::shared_ptr<const SchemaTable> table);

    std::optional<KindSchema> find(std::string_view api_version, std::string_view kind) const;
    std::optional<GoneKind> find_gone(std::string_view api_version, std::string_view kind) const;
    std::vector<KindSchema> kinds() const;  // as they stand in the tables
    // Whether the group is one of Kubernetes itself, all of whose kinds we know.
    bool is_complete(std::string_view group) const;
    Type object_meta() const { return {builtin_schemas(), builtin_schemas().metadata}; }

private:
    struct Added {
        std::shared_ptr<const SchemaTable> table;
        const KindEntry* entry;
    };
    using Name = std::pair<std::string, std::string>;

    std::map<Name, Added> more_;  // by apiVersion and kind
    std::set<Name> replaced_;     // group and kind of each
};

// "batch" of "batch/v1", "" of "v1".
std::string_view group_of(std::string_view api_version);

}  // namespace ktrain::lint
