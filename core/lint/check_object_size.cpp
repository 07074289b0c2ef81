// KT011 for whole objects: more than etcd takes in one request.
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t most = 1536 * 1024;  // bytes, etcd's --max-request-bytes

// What the texts alone take, in whatever form the server stores the object.
std::size_t size_of(const yaml::Node& node) {
    std::size_t size = node.kind == yaml::Kind::string ? node.text.size() : 0;
    for (const yaml::Node& item : node.items) size += size_of(item);
    for (const yaml::Entry& entry : node.entries) size += size_of(entry.value);
    return size;
}

}  // namespace

void check_object_size(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.kind == "ConfigMap" || object.kind == "Secret") return;  // have a limit of their own
    const auto source = bundle.texts.find(object.file);
    if (source == bundle.texts.end() || source->second.text().size() <= most) return;  // few files are that large
    const std::size_t size = size_of(*object.root.node);
    if (size <= most) return;
    findings.add("KT011", object.root.place(),
                 "the object has more than " + std::to_string(size) + " bytes, etcd takes 1572864 at most",
                 "put what is large into an image, a volume or a ConfigMap");
}

}  // namespace ktrain::lint
