// Checks of single values against the schema: scalars of every base type, closed sets.
#pragma once

#include "core/lint/rule.h"
#include "core/lint/schema.h"
#include "core/lint/trail.h"

namespace ktrain::lint {

// How far a value is checked. What the server reads and then drops, such as the status of a new object, need only be
// readable: its types are right (kinds of Kubernetes) or just its fields known (custom resources).
enum class Depth { all, types, fields };

// KT004: the value is not `wanted` ("a string"); proposes quotes or their removal where that mends it, unless `fix`
// says what else does.
void wrong_type(Findings& findings, const Trail& at, std::string_view wanted, std::string fix = "");
// What stands in quotes, without them; nothing for what may be meant otherwise, such as 0644.
std::vector<Change> plain_value(const Trail& at);
// How the first entry of a map is written as an item of the list that is wanted, each with its key for a name: "A: b"
// as "- {name: A, value: ...}". "" where the items have no names, or the map is an item itself.
std::string as_items(const Trail& at, Type item);
// KT004, a warning: the key of a free map is a word that YAML reads as a boolean.
void check_key(Findings& findings, const Trail& at);
// KT007 for a key without a value in a map of the API, where no map takes its characters: "{app:web}".
void check_bare_key(Findings& findings, const Trail& at);
// KT004 for numbers in a value of any form that no JSON has: manifests are sent as JSON.
void check_sendable(Findings& findings, const Trail& at);
// A value that is no object, list or map; null is none either.
void check_scalar(Findings& findings, const Trail& at, Type type, Depth depth);

// Whether a container may ask for a resource of this name: one of Kubernetes' own, huge pages of some size, or the
// domain/name of a device.
bool may_be_resource(std::string_view name);

// A whole number, as 1.0 and 1e3 are as well.
std::optional<double> whole_number(const yaml::Node& node);
// As the API server counts it, which takes 0.3 for a multiple of 0.1. Source: kube-openapi pkg/validation/validate.
bool is_multiple(double number, double step);

}  // namespace ktrain::lint
