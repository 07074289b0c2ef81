// What rules in CEL see of a custom resource, from the schema of its CRD.
#pragma once

#include "core/base/yaml.h"
#include "core/cel/typing.h"

namespace ktrain::lint {

// Ids are addresses of nodes of schemas, which must stay where they are. `root`, where there is one, is of a resource:
// apiVersion, kind and metadata.name are seen whatever it says of them.
// Source: apiserver pkg/cel/common/schemas.go.
class SchemaTyping : public cel::Typing {
public:
    explicit SchemaTyping(const yaml::Node* root = nullptr) : root_(root) {}

    static cel::SchemaId id_of(const yaml::Node& schema);
    cel::Declared of(cel::SchemaId schema) const override;
    std::optional<cel::SchemaId> member(cel::SchemaId schema, std::string_view name) const override;
    std::optional<cel::SchemaId> item(cel::SchemaId schema) const override;

private:
    bool is_resource(const yaml::Node& schema) const;

    const yaml::Node* root_;
};

}  // namespace ktrain::lint
