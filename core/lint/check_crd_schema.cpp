// Schemas of custom resources: each field has a type, and lists say of what.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/crd_rules.h"
#include "core/lint/together.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

constexpr std::array<std::string_view, 6> types{"array", "boolean", "integer", "number", "object", "string"};

void check_type(const Spot& schema, const std::string& path, Findings& findings) {
    const Spot type = schema["type"];
    bool open = false;
    for (const char* field : {"x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"})
        open = open || schema[field].is_true() || (schema[field] && !schema[field].is(yaml::Kind::boolean));  // KT004
    Place where = type.place();
    where.path = join_path(path, "type");
    if (type.text().empty() && (!type || type.is(yaml::Kind::string))) {
        if (!open)
            findings.add("KT008", where, "the schema of '" + printable(field_of(schema)) + "' has no type",
                         "add a type: object, array, string, integer, number or boolean");
    } else if (type.is(yaml::Kind::string) && std::find(types.begin(), types.end(), type.text()) == types.end()) {
        const std::string near = nearest(type.text(), types);
        findings.add("KT006", where,
                     "type must be one of array, boolean, integer, number, object, string, got " + shown(type.text()),
                     near.empty() ? "" : "did you mean '" + near + "'?");
    }
}

// A property without a value is a schema that says nothing.
void check_bare_properties(const Spot& properties, const std::string& path, Findings& findings) {
    if (!properties.is(yaml::Kind::mapping)) return;
    for (const yaml::Entry& entry : properties.node->entries) {
        if (entry.value.kind != yaml::Kind::null) continue;
        const std::string name = yaml::key_text(entry.key);
        findings.add("KT008", {"", entry.key.line, entry.key.column, path + "[" + name + "].type"},
                     "the schema of '" + printable(name) + "' has no type",
                     "add a type: object, array, string, integer, number or boolean");
    }
}

// A schema below items or additionalProperties, which may be something else as well: the table leaves them open, and so
// nobody has looked at their types. `seen`: whether the part is above those.
void check_types(const Trail& at, Type type, bool seen, Findings& findings) {
    using yaml::Kind;
    const bool list = type.base() == Base::list, object = type.base() == Base::object;
    if (type.base() == Base::any) return;
    if (!list && !object && type.base() != Base::map) {
        if (!seen) check_scalar(findings, at, type, Depth::types);
    } else if (!at.is(list ? Kind::sequence : Kind::mapping)) {
        if (!seen) wrong_type(findings, at, list ? "a list" : "a map");
    } else if (list) {
        for (std::size_t i = 0; i < at.node->items.size(); ++i) {
            const yaml::Node& item = at.node->items[i];
            if (item.kind != Kind::null) check_types({&item, &at, nullptr, {}, i}, type.inside(), seen, findings);
        }
    } else {
        for (const yaml::Entry& entry : at.node->entries) {
            if (entry.value.kind == Kind::null) continue;
            const std::string name = yaml::key_text(entry.key);
            const Trail member{&entry.value, &at, &entry.key, name};
            const std::span<const EdgeEntry> edges = object ? type.edges(name) : std::span<const EdgeEntry>();
            const bool open = object && (name == "additionalProperties" || name == "items") && member.is(Kind::mapping);
            if (open)
                check_types(member, type, false, findings);
            else if (!object || !edges.empty())
                check_types(member, object ? type.field(edges.back()).type : type.inside(), seen, findings);
        }
    }
}

// Of a schema in a definition.
Type type_of_schemas(const Object& definition) {
    Type type = definition.schema->type();
    for (const char* field : {"spec", "versions", "schema", "openAPIV3Schema"}) {
        if (type.base() == Base::list) type = type.inside();
        type = type.field(type.edges(field).back()).type;
    }
    return type;
}

// How many values of a part each value of the schema may have: none where there is no bound.
std::optional<std::uint64_t> most_below(const Spot& schema) {
    const std::string_view type = schema["type"].text();
    const bool map = type == "object" && schema["additionalProperties"];
    if (type != "array" && !map) return 1;
    const Spot bound = schema[map ? "maxProperties" : "maxItems"];
    const std::optional<std::int64_t> number = bound ? whole_number(*bound.node) : std::nullopt;
    return number ? std::optional<std::uint64_t>(std::max<std::int64_t>(*number, 0)) : std::nullopt;
}

void check_part(const Spot& schema, const RulesPlace& place, const std::string& path, RulesCost& cost,
                Findings& findings) {
    if (!schema.is(yaml::Kind::mapping)) return;
    check_type(schema, path, findings);
    check_crd_default(schema, path, place.typing, findings);
    check_crd_structure(schema, path, schema.node == place.typing.root(), findings);
    check_crd_rules(schema, place, path, cost, findings);
    const Spot items = schema["items"];
    const bool said = items.is(yaml::Kind::mapping) || size_of(items) > 0;
    if (schema["type"].text() == "array" && !said) {
        Place where = items.place();
        where.path = join_path(path, "items");
        findings.add("KT008", where, "the schema of a list says nothing of its items", "add items: {type: ...}");
    }
    const auto below = [&](bool matched) {  // with old values: items of a set are themselves, and have none
        return place.below(most_below(schema), matched || !place.apart.empty() ? place.apart : path);
    };
    const bool whole_map = schema["x-kubernetes-map-type"].text() == "atomic";
    check_part(items, below(schema["x-kubernetes-list-type"].text() == "map"), join_path(path, "items"), cost,
               findings);
    const RulesPlace members = below(!whole_map);
    check_part(schema["additionalProperties"], members, join_path(path, "additionalProperties"), cost, findings);
    check_bare_properties(schema["properties"], join_path(path, "properties"), findings);
    for (const Spot& property : schema["properties"].members())
        check_part(property, members, join_path(path, "properties") + "[" + yaml::key_text(*property.key) + "]", cost,
                   findings);
}

}  // namespace

std::string path_of_schema(const Spot& spec, const Spot& schema) {
    const bool single = spec["versions"].items().size() == 1;
    return single ? join_path(join_path(spec.path, "validation"), "openAPIV3Schema") : schema.path;
}

void check_crd_schema(const Spot& schema, const std::string& path, Findings& findings) {
    if (!schema) return;
    check_types({.node = schema.node, .root = &schema}, type_of_schemas(findings.object()), true, findings);
    const SchemaTyping typing(schema.node);
    RulesCost cost;
    check_part(schema, {typing}, path, cost, findings);
    check_crd_cost(schema, path, cost, findings);
}

}  // namespace ktrain::lint
