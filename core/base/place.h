// Where something was written: file, line, column and, inside structured data, the JSON path.
#pragma once

#include <string>

#include "core/base/shared_text.h"

namespace ktrain {

// Lines and columns count from 1; 0 means unknown. `path` is a JSON path such as
// "spec.template.spec.containers[0].image".
struct Place {
    SharedText file;
    int line = 0;
    int column = 0;
    std::string path;

    bool known() const { return !file.empty() || line > 0; }
};

// "train.yaml:14:9", "train.yaml" or "" (unknown).
std::string to_string(const Place& place);

// The path of a member or an item: join("spec", "nodes") = "spec.nodes"; keys that are not plain words are quoted.
std::string join_path(const std::string& base, const std::string& key);
std::string join_path(const std::string& base, std::size_t index);

}  // namespace ktrain
