// The variables of the places where Kubernetes has expressions in CEL, with their schemas.
#include "core/lint/cel_places.h"

#include "core/lint/definition.h"

namespace ktrain::lint {
namespace {

// Source: apiserver pkg/admission/plugin/cel/compile.go, dynamic-resource-allocation cel/compile.go. An attribute of a
// device has any type.
constexpr std::string_view schemas = R"(
text: &text {type: string}
texts: &texts {type: array, items: *text}
labels: &labels {type: object, additionalProperties: *text}
number: &number {type: integer}
time: &time {type: string, format: date-time}
kind: &kind {type: object, title: GroupVersionKind, properties: {group: *text, version: *text, kind: *text}}
resource: &resource {type: object, title: GroupVersionResource, properties: {group: *text, version: *text, resource: *text}}
any: {format: dyn}
request:
  type: object
  title: AdmissionRequest
  properties:
    kind: *kind
    resource: *resource
    subResource: *text
    requestKind: *kind
    requestResource: *resource
    requestSubResource: *text
    name: *text
    namespace: *text
    operation: *text
    userInfo:
      type: object
      properties: {username: *text, uid: *text, groups: *texts, extra: {type: object, additionalProperties: *texts}}
    dryRun: {type: boolean}
    options: {format: dyn}
namespaceObject:
  type: object
  title: Namespace
  properties:
    metadata:
      type: object
      properties:
        name: *text
        generateName: *text
        namespace: *text
        labels: *labels
        annotations: *labels
        UID: *text
        creationTimestamp: *time
        deletionGracePeriodSeconds: *number
        deletionTimestamp: *time
        generation: *number
        resourceVersion: *text
        finalizers: *texts
    spec: {type: object, properties: {finalizers: *texts}}
    status:
      type: object
      properties:
        phase: *text
        conditions:
          type: array
          items:
            type: object
            properties: {status: *text, type: *text, lastTransitionTime: *time, message: *text, reason: *text}
device:
  type: object
  properties:
    driver: *text
    attributes: {type: object, additionalProperties: {type: object, additionalProperties: {format: any}}}
    capacity:
      type: object
      additionalProperties: {type: object, additionalProperties: {type: string, format: quantity}}
    allowMultipleAllocations: {type: boolean}
)";

// The fields of an object are the only ones that it has.
cel::Variable variable(std::string name, std::string_view schema) {
    static const yaml::Node all = yaml::parse_one(schemas, "places");
    const yaml::Node& of = *all.find(schema);
    cel::Variable made{std::move(name), {}, {}, {.schema = SchemaTyping::id_of(of)}};
    if (const yaml::Node* properties = of.find("properties")) {
        for (const yaml::Entry& entry : properties->entries) made.fields.push_back(entry.key.text);
    }
    return made;
}

}  // namespace

cel::Declared PlaceTyping::of(cel::SchemaId schema) const {
    const std::string_view format = word_of(node_of(schema), "format");
    if (format == "quantity") return {cel::As::quantity, {}};
    if (format == "dyn") return {cel::As::written, {}};
    return format == "any" ? cel::Declared{cel::As::any, {}} : SchemaTyping::of(schema);
}

std::string_view PlaceTyping::name_of(cel::SchemaId schema) const {
    return word_of(node_of(schema), "title");
}

cel::Environment admission_places(bool params) {
    cel::Environment environment{
        .variables = {variable("object", "any"), variable("oldObject", "any"), variable("request", "request"),
                      variable("namespaceObject", "namespaceObject")},
        .libraries = {cel::Library::base, cel::Library::authorizer}};
    if (params) environment.variables.push_back(variable("params", "any"));
    environment.variables.push_back({"authorizer",
                                     {"requestResource"},
                                     {cel::known_as(cel::Type::resource_check)},
                                     cel::known_as(cel::Type::authorizer)});
    return environment;
}

cel::Environment device_places() {
    return {.variables = {variable("device", "device")}, .libraries = {cel::Library::base, cel::Library::devices}};
}

}  // namespace ktrain::lint
