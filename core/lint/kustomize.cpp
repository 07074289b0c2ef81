// Reads kustomizations. Source: kustomize api/types/kustomization.go, api/hasher.
#include "core/lint/kustomize.h"

#include <algorithm>

namespace ktrain::lint {
namespace {

std::string_view text_of(const yaml::Node& node, std::string_view key) {
    const yaml::Node* found = node.find(key);
    return found != nullptr && found->is_scalar() && found->kind != yaml::Kind::null ? std::string_view(found->text)
                                                                                     : std::string_view();
}

// "-7m4b9kf2gd"
bool is_hash(std::string_view end) {
    constexpr std::size_t size = 11;
    return end.size() == size && end.starts_with('-') &&
           end.find_first_not_of("2456789bcdfghkmt", 1) == std::string_view::npos;
}

}  // namespace

void Kustomize::read(const yaml::Node& kustomization) {
    const auto items = [&](std::string_view key) {
        const yaml::Node* list = kustomization.kind == yaml::Kind::mapping ? kustomization.find(key) : nullptr;
        std::vector<const yaml::Node*> maps;
        if (list == nullptr) return maps;
        for (const yaml::Node& item : list->items)
            if (item.kind == yaml::Kind::mapping) maps.push_back(&item);
        return maps;
    };
    for (const yaml::Node* one : items("configMapGenerator")) made_.emplace_back("ConfigMap", text_of(*one, "name"));
    for (const yaml::Node* one : items("secretGenerator")) made_.emplace_back("Secret", text_of(*one, "name"));
    for (const yaml::Node* one : items("images"))
        images_.push_back(
            {text_of(*one, "name"), text_of(*one, "newName"), text_of(*one, "newTag"), text_of(*one, "digest")});
}

bool Kustomize::makes(std::string_view kind, std::string_view name) const {
    return std::ranges::any_of(made_, [&](const auto& made) {
        return made.first == kind && !made.second.empty() && name.starts_with(made.second) &&
               (name.size() == made.second.size() || is_hash(name.substr(made.second.size())));
    });
}

bool is_kustomization(std::string_view file) {
    const std::string_view name = file.substr(file.rfind('/') == file.npos ? 0 : file.rfind('/') + 1);
    return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
}

}  // namespace ktrain::lint
