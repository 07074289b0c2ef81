// Schemas of custom resources: each field has a type, lists say of what, defaults are values of their field.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/crd_rules.h"
#include "core/lint/together.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

constexpr std::array<std::string_view, 6> types{"array", "boolean", "integer", "number", "object", "string"};

bool is_of_type(const Spot& value, std::string_view type) {
    const yaml::Node& node = *value.node;
    if (type == "array") return node.kind == yaml::Kind::sequence;
    if (type == "boolean") return node.kind == yaml::Kind::boolean;
    if (type == "integer") return whole_number(node).has_value();
    if (type == "number") return node.kind == yaml::Kind::integer || node.kind == yaml::Kind::real;
    if (type == "object") return node.kind == yaml::Kind::mapping;
    return node.kind == yaml::Kind::string;
}

std::optional<double> real_of(const Spot& spot) {
    if (!spot.is(yaml::Kind::integer) && !spot.is(yaml::Kind::real)) return std::nullopt;
    const Json value = yaml::to_json(*spot.node);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

void refuse_default(const Spot& value, const std::string& path, const std::string& why, Findings& findings) {
    Place where = value.place();
    where.path = join_path(path, "default");
    findings.add("KT030", where, "the default " + shown(value.text()) + " " + why,
                 "write a default that the schema allows");
}

void check_default(const Spot& schema, const std::string& path, Findings& findings) {
    const Spot value = schema["default"];
    const std::string_view type = schema["type"].text();
    if (!value || type.empty()) return;
    if (std::find(types.begin(), types.end(), type) == types.end()) return;
    if (!is_of_type(value, type)) return refuse_default(value, path, "is no " + std::string(type), findings);
    const std::optional<double> number = real_of(value);
    const std::optional<double> least = real_of(schema["minimum"]);
    const std::optional<double> most = real_of(schema["maximum"]);
    constexpr double int32_end = 2147483648.0;
    if (number && schema["format"].text() == "int32" && (*number >= int32_end || *number < -int32_end))
        return refuse_default(value, path, "is no number of 32 bits", findings);
    if (number && ((least && *number < *least) || (most && *number > *most)))
        return refuse_default(value, path, "is out of the range of the schema", findings);
    const std::vector<Spot> words = schema["enum"].items();
    const bool listed = std::ranges::any_of(words, [&](const Spot& word) { return word.text() == value.text(); });
    if (!words.empty() && value.node->is_scalar() && !listed)
        refuse_default(value, path, "is not in the enum of the schema", findings);
}

void check_type(const Spot& schema, const std::string& path, Findings& findings) {
    const Spot type = schema["type"];
    const Spot any = schema["x-kubernetes-int-or-string"];
    const Spot kept = schema["x-kubernetes-preserve-unknown-fields"];
    const bool open = (any && any.text() != "false") || (kept && kept.text() != "false");
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
    check_default(schema, path, findings);
    check_crd_structure(schema, path, schema.node == place.typing.root(), findings);
    check_crd_rules(schema, place, path, cost, findings);
    const Spot items = schema["items"];
    if (schema["type"].text() == "array" && (!items || (items.is(yaml::Kind::sequence) && size_of(items) == 0))) {
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
    const SchemaTyping typing(schema.node);
    RulesCost cost;
    check_part(schema, {typing}, path, cost, findings);
    check_crd_cost(schema, path, cost, findings);
}

}  // namespace ktrain::lint
