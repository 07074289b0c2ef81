// Fills the defaults of a schema into a copy of a value.
#include "core/lint/defaults.h"

#include <algorithm>

#include "core/lint/definition.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

constexpr std::size_t most_nodes = 1'000'000;  // that one object may get: an API server would not take as many

class Filler {
public:
    void fill(yaml::Node& value, const yaml::Node& schema) {
        if (value.kind == Kind::mapping) return fill_map(value, schema);
        const yaml::Node* items = part_of(schema, "items");
        if (value.kind != Kind::sequence || items == nullptr) return;
        for (yaml::Node& item : value.items) {
            if (item.kind == Kind::null) replace_null(item, *items);
            fill(item, *items);
        }
    }

private:
    void fill_map(yaml::Node& value, const yaml::Node& schema) {
        const yaml::Node* properties = part_of(schema, "properties");
        const yaml::Node* values = part_of(schema, "additionalProperties");
        if (properties != nullptr) {
            for (const yaml::Entry& property : properties->entries) add(value, property);
        }
        const auto schema_of = [&](const yaml::Entry& entry) {
            const yaml::Node* found = properties != nullptr ? properties->find(entry.key.text) : nullptr;
            return found != nullptr ? found : values;
        };
        for (yaml::Entry& entry : value.entries) {
            const yaml::Node* part = schema_of(entry);
            if (part == nullptr) continue;
            if (entry.value.kind == Kind::null) replace_null(entry.value, *part);
            fill(entry.value, *part);
        }
        value.entries.erase_if([&](const yaml::Entry& entry) {
            const yaml::Node* part = schema_of(entry);
            return entry.value.kind == Kind::null && part != nullptr && !says(*part, "nullable");
        });
    }

    void add(yaml::Node& owner, const yaml::Entry& property) {
        const yaml::Node* standard = property.value.find("default");
        if (standard == nullptr || owner.find(property.key.text) != nullptr || nodes_ > most_nodes) return;
        yaml::Entry entry{property.key, *standard};
        entry.key.line = owner.line;
        entry.key.column = owner.column;
        if (!move(entry.value, owner)) return;
        owner.entries.push_back(std::move(entry));
    }

    void replace_null(yaml::Node& value, const yaml::Node& schema) {
        const yaml::Node* standard = schema.find("default");
        if (standard == nullptr || says(schema, "nullable") || nodes_ > most_nodes) return;
        yaml::Node copy = *standard;
        if (move(copy, value)) value = std::move(copy);
    }

    // Gives a copy of a default the place of `to`. False when there are too many.
    bool move(yaml::Node& part, const yaml::Node& to) {
        if (++nodes_ > most_nodes) return false;
        part.line = to.line;
        part.column = to.column;
        const auto moved = [&](yaml::Node& inner) { return move(inner, to); };
        return std::ranges::all_of(part.items, moved) && std::ranges::all_of(part.entries, [&](yaml::Entry& entry) {
                   return move(entry.key, to) && move(entry.value, to);
               });
    }

    std::size_t nodes_ = 0;
};

}  // namespace

yaml::Node with_defaults(const yaml::Node& value, const yaml::Node& schema) {
    yaml::Node copy = value;
    Filler().fill(copy, schema);
    return copy;
}

}  // namespace ktrain::lint
