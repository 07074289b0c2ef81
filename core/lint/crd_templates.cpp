// Finds where pod templates are inside a schema, by their shape, as scripts/schema/templates.py does.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/definition.h"

namespace ktrain::lint {
namespace {

// A list or map by name gives way to what is inside it, which `steps` says.
const yaml::Node& inside(const yaml::Node& schema, std::string& steps) {
    const yaml::Node* part = &schema;
    while (true) {
        if (const yaml::Node* items = part_of(*part, "items"); items != nullptr && word_of(*part, "type") == "array") {
            steps += "[]";
            part = items;
        } else if (const yaml::Node* values = part_of(*part, "additionalProperties")) {
            steps += ".*";
            part = values;
        } else {
            return *part;
        }
    }
}

const yaml::Node* property(const yaml::Node& schema, std::string_view name) {
    const yaml::Node* properties = part_of(schema, "properties");
    const yaml::Node* found = properties != nullptr ? properties->find(name) : nullptr;
    if (found == nullptr) return nullptr;
    std::string steps;
    return &inside(*found, steps);
}

// Metadata and a spec with containers that have an image.
bool is_template(const yaml::Node& schema) {
    const yaml::Node* spec = property(schema, "spec");
    if (spec == nullptr || property(schema, "metadata") == nullptr || property(*spec, "restartPolicy") == nullptr)
        return false;
    const yaml::Node* container = property(*spec, "containers");
    return container != nullptr && property(*container, "image") != nullptr;
}

bool is_argo(const yaml::Node& schema) {
    return property(schema, "containerSet") != nullptr && property(schema, "script") != nullptr &&
           property(schema, "container") != nullptr;
}

void look_below(const yaml::Node& schema, const std::string& above, std::vector<std::string>& found) {
    const yaml::Node* properties = part_of(schema, "properties");
    if (properties == nullptr) return;
    for (const yaml::Entry& entry : properties->entries) {
        const std::string& name = entry.key.text;
        const bool own = above.empty() && (name == "apiVersion" || name == "kind" || name == "status");
        if (own || name == "metadata" || name.find_first_of(". []*") != std::string::npos) continue;
        std::string path = above.empty() ? name : above + "." + name;
        const yaml::Node& value = inside(entry.value, path);
        if (is_template(value)) {
            found.push_back(path);
        } else if (is_argo(value)) {
            found.push_back("argo:" + path);
        } else {
            look_below(value, path, found);
        }
    }
}

}  // namespace

std::string templates_in(const yaml::Node& schema) {
    std::vector<std::string> found;
    if (is_template(schema)) found.emplace_back(".");
    look_below(schema, "", found);
    std::ranges::sort(found);
    return join(found, " ");
}

}  // namespace ktrain::lint
