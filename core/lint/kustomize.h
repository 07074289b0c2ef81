// What the kustomizations among the files make and set: objects that stand in no file, names and tags of images.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/yaml.h"

namespace ktrain::lint {

// Of all kustomizations together: which of them takes up a file is not followed. Points into what was read.
class Kustomize {
public:
    struct Image {
        std::string_view name;  // without a tag, as manifests have it
        std::string_view new_name, new_tag, digest;
    };

    void read(const yaml::Node& kustomization);

    // Whether one generates such an object, whose name may have its hash behind it.
    bool makes(std::string_view kind, std::string_view name) const;
    // The keys that it has, where all of them are known.
    std::optional<std::vector<std::string>> keys(std::string_view kind, std::string_view name) const;
    const std::vector<Image>& images() const { return images_; }

private:
    struct Made {
        std::string_view kind, name;
        std::vector<std::string> keys;
        bool open;  // it has others: of a file of variables, or of what it is merged with
    };

    void add(std::string_view kind, const yaml::Node& generator);
    static bool is_it(const Made& made, std::string_view kind, std::string_view name);

    std::vector<Made> made_;
    std::vector<Image> images_;
    bool changed_ = false;  // something changes what is made
};

// By the name of the file.
bool is_kustomization(std::string_view file);

}  // namespace ktrain::lint
