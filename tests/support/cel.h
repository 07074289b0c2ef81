// Helpers of the tests of rules: types from a schema that is a YAML node, and every value as one line of text.
#pragma once

#include <string>

#include "core/base/yaml.h"
#include "core/cel/typing.h"
#include "core/cel/value.h"

namespace ktrain::test {

// The OpenAPI schema of a node; ids are addresses of its nodes, which must not move.
class SchemaTyping : public cel::Typing {
public:
    static cel::SchemaId id_of(const yaml::Node& schema);
    cel::Declared of(cel::SchemaId schema) const override;
    std::optional<cel::SchemaId> member(cel::SchemaId schema, std::string_view name) const override;
    std::optional<cel::SchemaId> item(cel::SchemaId schema) const override;
};

// As tests/parity/cel/reference.go writes it: "double 1.5", "[1, 2u]", "some \"x\"".
std::string text_of(const cel::Value& value);

}  // namespace ktrain::test
