// Kinds that CustomResourceDefinitions add: their schemas as an API server would learn them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/yaml.h"
#include "core/cel/program.h"
#include "core/lint/definition_set.h"
#include "core/lint/schema.h"

namespace ktrain::lint {

// One served version of a kind. `schema` points into the file of the definition and is good as long as that.
struct Definition {
    std::string api_version;
    std::string kind;
    Place place;                         // of the definition's version
    const yaml::Node* schema = nullptr;  // openAPIV3Schema
    std::shared_ptr<const SchemaTable> table;

    // What the table does not hold: parts of the schema with rules or allOf, anyOf, oneOf, not, and all above them.
    std::unordered_set<const yaml::Node*> special;
    std::map<const yaml::Node*, cel::Program> programs;  // by the node of their text; those that compile

    bool is_special(const yaml::Node& part) const { return special.contains(&part); }
    const cel::Program* program(const yaml::Node* text) const;
};

// The served versions of a CustomResourceDefinition, or none of anything else. Never throws: what cannot be understood
// of a schema is taken for a value of any type, and is for the checks of the CRD itself to report.
Definitions definitions_of(const yaml::Node& document, const std::string& file);

// The same of a document that may be a List of them.
Definitions definitions_in(const yaml::Node& document, const std::string& file);

// The kinds that a document of /openapi/v3 describes for itself, without reference to others, as custom resources are.
Definitions definitions_of_openapi(const yaml::Node& document, const std::string& file);

// The kinds that the paths of a document of /openapi/v3 let a client create.
std::set<std::string, std::less<>> served_names(const yaml::Node& document);

// Whether a schema is of a map, whose members have names of any kind; one of an object has those of its fields.
bool is_map(const yaml::Node& schema);

// A schema is known to be of a resource: it has apiVersion, kind and metadata, whatever it says.
bool is_embedded(const yaml::Node& schema);

// The text of a member that is a string, or "".
std::string_view word_of(const yaml::Node& schema, std::string_view key);
// Whether a member is the boolean true.
bool says(const yaml::Node& schema, std::string_view key);
// A member that is a map, or nullptr.
const yaml::Node* part_of(const yaml::Node& schema, std::string_view key);

// The format, by the name in formats.cpp, if it is one that is looked at; else "". crd_table.cpp
std::string_view format_of(const yaml::Node& schema);

// crd_table.cpp: the packed table of a kind. `about` holds names, scope and the version's own fields.
struct KindFacts {
    std::string api_version, kind, use;
    bool cluster = false, deprecated = false, status = false;
};
std::shared_ptr<const SchemaTable> table_of(const yaml::Node& schema, const KindFacts& about);

// crd_templates.cpp: blank-separated paths of the pod templates in a schema, as KindEntry has them.
std::string templates_in(const yaml::Node& schema);

}  // namespace ktrain::lint
