// How a bundle of Kubernetes objects is printed for people and kubectl.
#include "cli/commands/bundle_text.h"

#include "core/base/yaml.h"

namespace ktrain {

std::string bundle_text(const std::vector<Json>& objects, term::Format format) {
    if (format == term::Format::json)
        return term::render({{"apiVersion", "v1"}, {"kind", "List"}, {"items", objects}}, format);
    std::string text;
    for (const Json& object : objects) text += (text.empty() ? "" : "---\n") + yaml::emit(object);
    return text;
}

}  // namespace ktrain
