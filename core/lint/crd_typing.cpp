// What rules in CEL see of a custom resource.
#include "core/lint/crd_typing.h"

#include <algorithm>

#include "core/lint/definition.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

// What every resource has, as far as rules may see it.
const yaml::Node& resource_schema() {
    static const yaml::Node schema = yaml::parse_one(
        "{type: object, properties: {apiVersion: {type: string}, kind: {type: string}, metadata: {type: object, "
        "properties: {name: {type: string}, generateName: {type: string}}}}}",
        "resource");
    return schema;
}

cel::As as_text(std::string_view format) {
    using cel::As;
    return format == "byte"        ? As::bytes
           : format == "date"      ? As::date
           : format == "date-time" ? As::date_time
           : format == "duration"  ? As::duration
                                   : As::string;
}

constexpr std::uint64_t request_bytes = 3u << 20;

std::optional<std::uint64_t> bound_of(const yaml::Node& schema, std::string_view key) {
    const yaml::Node* bound = schema.find(key);
    const std::optional<std::int64_t> number = bound != nullptr ? whole_number(*bound) : std::nullopt;
    return number ? std::optional<std::uint64_t>(std::max<std::int64_t>(*number, 0)) : std::nullopt;
}

// Of a text, in bytes: a character has up to four.
std::uint64_t longest(const yaml::Node& schema, cel::As as) {
    using cel::As;
    if (as == As::duration || as == As::date_time) return 32;
    if (as == As::date) return 12;
    if (const auto bound = bound_of(schema, "maxLength")) return *bound * (as == As::bytes ? 1 : 4);
    const yaml::Node* words = schema.find("enum");
    if (as != As::string || words == nullptr || words->items.empty()) return request_bytes - 2;
    std::uint64_t most = 0;
    for (const yaml::Node& word : words->items)
        if (word.kind == yaml::Kind::string) most = std::max<std::uint64_t>(most, word.text.size());
    return most;
}

}  // namespace

cel::SchemaId SchemaTyping::id_of(const yaml::Node& schema) {
    return reinterpret_cast<cel::SchemaId>(&schema);
}

const yaml::Node& SchemaTyping::node_of(cel::SchemaId id) {
    return *reinterpret_cast<const yaml::Node*>(id);
}

bool SchemaTyping::is_resource(const yaml::Node& schema) const {
    return &schema == root_ || is_embedded(schema);
}

cel::Declared SchemaTyping::of(cel::SchemaId id) const {
    using cel::As;
    const yaml::Node& schema = node_of(id);
    const std::string_view type = word_of(schema, "type");
    if (says(schema, "x-kubernetes-int-or-string")) return {};
    if (type == "object") {
        const yaml::Node* values = part_of(schema, "additionalProperties");
        if (values == nullptr || part_of(schema, "properties") != nullptr || is_resource(schema))
            return {As::object, {}};
        return {is_hidden(*values) ? As::hidden : As::map, {}};
    }
    if (type == "array") {
        const yaml::Node* items = part_of(schema, "items");
        if (items == nullptr || is_hidden(*items)) return {As::hidden, {}};
        const std::string_view list = word_of(schema, "x-kubernetes-list-type");
        cel::Declared declared{list == "map" ? As::keyed : list == "set" ? As::set : As::list, {}};
        const yaml::Node* keys = schema.find("x-kubernetes-list-map-keys");
        if (list == "map" && keys != nullptr) {
            for (const yaml::Node& key : keys->items) declared.keys.push_back(key.text);
        }
        return declared;
    }
    if (type == "boolean") return {As::boolean, {}};
    if (type == "integer") return {As::integer, {}};
    if (type == "number") return {As::number, {}};
    return {type == "string" ? as_text(word_of(schema, "format")) : As::hidden, {}};
}

bool SchemaTyping::is_hidden(const yaml::Node& schema) const {
    return of(id_of(schema)).as == cel::As::hidden;
}

std::optional<cel::SchemaId> SchemaTyping::member(cel::SchemaId id, std::string_view name) const {
    const yaml::Node& schema = node_of(id);
    if (is_resource(schema)) {
        if (const yaml::Node* own = resource_schema().find("properties")->find(name)) return id_of(*own);
    }
    const yaml::Node* properties = part_of(schema, "properties");
    const yaml::Node* found = properties != nullptr ? properties->find(name) : part_of(schema, "additionalProperties");
    return found != nullptr && !is_hidden(*found) ? std::optional(id_of(*found)) : std::nullopt;
}

std::optional<cel::SchemaId> SchemaTyping::item(cel::SchemaId id) const {
    const yaml::Node* items = part_of(node_of(id), "items");
    return items != nullptr ? std::optional(id_of(*items)) : std::nullopt;
}

std::uint64_t SchemaTyping::most(cel::SchemaId id) const {
    using cel::As;
    const yaml::Node& schema = node_of(id);
    const As as = of(id).as;
    switch (as) {
        case As::object:
        case As::boolean:
        case As::integer:
        case As::number:
            return 0;
        case As::map: {
            if (const auto bound = bound_of(schema, "maxProperties")) return *bound;
            const yaml::Node* values = part_of(schema, "additionalProperties");
            return values != nullptr ? (request_bytes - 2) / (least_bytes(*values) + 6) : 0;
        }
        case As::list:
        case As::set:
        case As::keyed: {
            if (const auto bound = bound_of(schema, "maxItems")) return *bound;
            const yaml::Node* items = part_of(schema, "items");
            return items != nullptr ? (request_bytes - 2) / (least_bytes(*items) + 1) : 0;
        }
        default:
            return longest(schema, as);
    }
}

std::uint64_t SchemaTyping::most_values(const yaml::Node& schema) const {
    return request_bytes / (least_bytes(schema) + 1);
}

// Of a value as JSON: what an object must have and has no default, texts that are empty.
std::uint64_t SchemaTyping::least_bytes(const yaml::Node& schema) const {
    using cel::As;
    const As as = of(id_of(schema)).as;
    if (as == As::written || as == As::integer || as == As::number) return 1;
    if (as == As::boolean) return 4;
    if (as == As::duration) return 3;
    if (as == As::date) return 12;
    if (as == As::date_time) return 21;
    const yaml::Node* required = schema.find("required");
    if (as != As::object || required == nullptr) return 2;
    if (const auto known = least_bytes_.find(&schema); known != least_bytes_.end()) return known->second;
    std::uint64_t bytes = 2;
    for (const yaml::Node& name : required->items) {
        const std::optional<cel::SchemaId> field = member(id_of(schema), name.text);
        if (field && node_of(*field).find("default") == nullptr)
            bytes += name.text.size() + least_bytes(node_of(*field)) + 4;
    }
    return least_bytes_[&schema] = bytes;
}

}  // namespace ktrain::lint
