// What rules in CEL see of a custom resource.
#include "core/lint/crd_typing.h"

#include "core/lint/definition.h"

namespace ktrain::lint {
namespace {

const yaml::Node& node_of(cel::SchemaId id) {
    return *reinterpret_cast<const yaml::Node*>(id);
}

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

}  // namespace

cel::SchemaId SchemaTyping::id_of(const yaml::Node& schema) {
    return reinterpret_cast<cel::SchemaId>(&schema);
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
        if (part_of(schema, "properties") != nullptr || is_resource(schema)) return {As::object, {}};
        return {says(schema, "x-kubernetes-preserve-unknown-fields") ? As::written : As::map, {}};
    }
    if (type == "array") {
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
    return {type == "string" ? as_text(word_of(schema, "format")) : As::written, {}};
}

std::optional<cel::SchemaId> SchemaTyping::member(cel::SchemaId id, std::string_view name) const {
    const yaml::Node& schema = node_of(id);
    if (is_resource(schema)) {
        if (const yaml::Node* own = resource_schema().find("properties")->find(name)) return id_of(*own);
    }
    const yaml::Node* properties = part_of(schema, "properties");
    const yaml::Node* found = properties != nullptr ? properties->find(name) : part_of(schema, "additionalProperties");
    return found != nullptr ? std::optional(id_of(*found)) : std::nullopt;
}

std::optional<cel::SchemaId> SchemaTyping::item(cel::SchemaId id) const {
    const yaml::Node* items = part_of(node_of(id), "items");
    return items != nullptr ? std::optional(id_of(*items)) : std::nullopt;
}

}  // namespace ktrain::lint
