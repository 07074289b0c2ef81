// Reads kustomizations. Source: kustomize api/types/kustomization.go, api/hasher.
#include "core/lint/kustomize.h"

#include <algorithm>

#include "core/lint/scalar_of.h"

namespace ktrain::lint {
namespace {

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
    for (const yaml::Node* one : items("configMapGenerator")) made_.emplace_back("ConfigMap", scalar_of(*one, "name"));
    for (const yaml::Node* one : items("secretGenerator")) made_.emplace_back("Secret", scalar_of(*one, "name"));
    for (const yaml::Node* one : items("images"))
        images_.push_back({scalar_of(*one, "name"), scalar_of(*one, "newName"), scalar_of(*one, "newTag"),
                           scalar_of(*one, "digest")});
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
