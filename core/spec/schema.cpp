// Makes the JSON Schema of the spec from its fields.
#include "core/spec/schema.h"

#include <limits>

#include "core/spec/bound.h"
#include "core/spec/emit.h"

namespace ktrain::spec {
namespace {

Json object_schema(const Group& group);

void add_range(Json& schema, const Field& field) {
    if (field.min != std::numeric_limits<double>::lowest())
        schema[field.above_min ? "exclusiveMinimum" : "minimum"] = field.min;
    if (field.max != std::numeric_limits<double>::max()) schema["maximum"] = field.max;
}

Json text_schema(const Field& field) {
    if (!field.choices.empty()) return {{"type", "string"}, {"enum", field.choices}};
    const bool amount = field.format == Format::quantity || field.format == Format::duration;
    if (amount) return {{"type", {"string", "number"}}};
    Json schema = {{"type", "string"}};
    if (field.format == Format::dns_label) schema["pattern"] = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
    if (field.format == Format::job_name) schema["pattern"] = "^[a-z0-9]([a-z0-9-]{0,53}[a-z0-9])?$";
    return schema;
}

Json number_schema(std::string_view type, const Field& field) {
    Json schema = {{"type", type}};
    add_range(schema, field);
    return schema;
}

struct ToSchema {
    const Field& field;

    Json operator()(const std::string*) const { return text_schema(field); }
    Json operator()(const std::int64_t*) const { return number_schema("integer", field); }
    Json operator()(const double*) const { return number_schema("number", field); }
    Json operator()(const bool*) const { return {{"type", "boolean"}}; }
    Json operator()(const std::vector<std::string>*) const {
        return {{"type", "array"}, {"items", text_schema(field)}};
    }
    Json operator()(const std::vector<double>*) const {
        return {{"type", "array"}, {"items", number_schema("number", field)}};
    }
    Json operator()(const StringMap*) const {
        return {{"type", "object"}, {"additionalProperties", {{"type", {"string", "number"}}}}};
    }
    Json operator()(const Group& group) const { return object_schema(group); }
    Json operator()(const std::shared_ptr<Records>& records) const {
        return {{"type", "array"}, {"items", object_schema(records->blank())}};
    }
};

// A group is required when something in it is.
bool is_required(const Bound& bound) {
    if (!bound.group()) return bound.field.required;
    for (const Bound& inner : *bound.group())
        if (is_required(inner)) return true;
    return false;
}

Json object_schema(const Group& group) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const Bound& bound : group) {
        Json property = std::visit(ToSchema{bound.field}, bound.value);
        property["description"] = bound.field.help;
        if (bound.is_leaf() && !bound.empty()) property["default"] = leaf_json(bound);
        properties[std::string(bound.field.name)] = std::move(property);
        if (is_required(bound)) required.push_back(bound.field.name);
    }
    Json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

}  // namespace

Json schema() {
    TrainingSpec spec;
    Json body = object_schema(bind(spec));
    Json properties = {{"apiVersion", {{"const", spec_api_version}}}, {"kind", {{"const", spec_kind}}}};
    properties.update(body["properties"]);
    Json required = {"apiVersion", "kind"};
    for (const Json& name : body["required"]) required.push_back(name);
    return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
            {"title", "TrainingJob of ktrain.dev/v1"},
            {"type", "object"},
            {"additionalProperties", false},
            {"required", std::move(required)},
            {"properties", std::move(properties)}};
}

}  // namespace ktrain::spec
