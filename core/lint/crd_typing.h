// What rules in CEL see of a custom resource, from the schema of its CRD.
#pragma once

#include <map>

#include "core/base/yaml.h"
#include "core/cel/typing.h"

namespace ktrain::lint {

// Ids are addresses of nodes of schemas, which must stay where they are. `root`, where there is one, is of a resource:
// apiVersion, kind and metadata.name are seen whatever it says of them.
// Source: apiserver pkg/cel/common/schemas.go.
class SchemaTyping : public cel::Typing {
public:
    explicit SchemaTyping(const yaml::Node* root = nullptr) : root_(root) {}

    const yaml::Node* root() const { return root_; }

    static cel::SchemaId id_of(const yaml::Node& schema);
    static const yaml::Node& node_of(cel::SchemaId id);
    cel::Declared of(cel::SchemaId schema) const override;
    std::optional<cel::SchemaId> member(cel::SchemaId schema, std::string_view name) const override;
    std::optional<cel::SchemaId> item(cel::SchemaId schema) const override;
    std::uint64_t most(cel::SchemaId schema) const override;
    // How many values of the schema fit in a request.
    std::uint64_t most_values(const yaml::Node& schema) const;

private:
    bool is_resource(const yaml::Node& schema) const;
    bool is_hidden(const yaml::Node& schema) const;
    std::uint64_t least_bytes(const yaml::Node& schema) const;

    const yaml::Node* root_;
    mutable std::map<const yaml::Node*, std::uint64_t> least_bytes_;  // those that are known
};

}  // namespace ktrain::lint
