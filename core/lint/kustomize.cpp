// Reads kustomizations. Source: kustomize api/types/kustomization.go, api/hasher.
#include "core/lint/kustomize.h"

#include <algorithm>
#include <array>

#include "core/lint/scalar_of.h"

namespace ktrain::lint {
namespace {

// "-7m4b9kf2gd"
bool is_hash(std::string_view end) {
    constexpr std::size_t size = 11;
    return end.size() == size && end.starts_with('-') &&
           end.find_first_not_of("2456789bcdfghkmt", 1) == std::string_view::npos;
}

// What changes objects behind the generators that make them.
constexpr std::array<std::string_view, 6> changers{
    "components", "patches", "patchesJson6902", "patchesStrategicMerge", "replacements", "transformers"};

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
    for (const yaml::Node* one : items("configMapGenerator")) add("ConfigMap", *one);
    for (const yaml::Node* one : items("secretGenerator")) add("Secret", *one);
    for (const yaml::Node* one : items("images"))
        images_.push_back({scalar_of(*one, "name"), scalar_of(*one, "newName"), scalar_of(*one, "newTag"),
                           scalar_of(*one, "digest")});
    changed_ = changed_ || std::ranges::any_of(changers, [&](std::string_view key) {
                   const yaml::Node* list = kustomization.find(key);
                   return list != nullptr && !list->items.empty();
               });
}

// "KEY=VALUE" and "KEY=FILE" name their key; "FILE" is called by its last step.
void Kustomize::add(std::string_view kind, const yaml::Node& generator) {
    const std::string_view behavior = scalar_of(generator, "behavior");
    Made made{kind, scalar_of(generator, "name"), {}, !behavior.empty() && behavior != "create"};
    made.open = made.open || generator.find("envs") != nullptr || generator.find("env") != nullptr;
    for (const char* list : {"literals", "files"}) {
        const yaml::Node* items = generator.find(list);
        if (items == nullptr) continue;
        for (const yaml::Node& item : items->items) {
            const std::string text(item.text);
            const std::size_t equals = text.find('=');
            made.keys.push_back(equals == text.npos ? text.substr(text.rfind('/') + 1) : text.substr(0, equals));
        }
    }
    made_.push_back(std::move(made));
}

bool Kustomize::is_it(const Made& made, std::string_view kind, std::string_view name) {
    return made.kind == kind && !made.name.empty() && name.starts_with(made.name) &&
           (name.size() == made.name.size() || is_hash(name.substr(made.name.size())));
}

bool Kustomize::makes(std::string_view kind, std::string_view name) const {
    return std::ranges::any_of(made_, [&](const Made& made) { return is_it(made, kind, name); });
}

std::optional<std::vector<std::string>> Kustomize::keys(std::string_view kind, std::string_view name) const {
    if (changed_) return std::nullopt;
    std::vector<std::string> all;
    for (const Made& made : made_) {
        if (!is_it(made, kind, name)) continue;
        if (made.open) return std::nullopt;
        all.insert(all.end(), made.keys.begin(), made.keys.end());
    }
    return all;
}

bool is_kustomization(std::string_view file) {
    const std::string_view name = file.substr(file.rfind('/') == file.npos ? 0 : file.rfind('/') + 1);
    return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
}

}  // namespace ktrain::lint
