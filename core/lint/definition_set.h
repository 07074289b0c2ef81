// Sets of kinds that CRDs add, for those who hand them on without looking into them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/yaml.h"

namespace ktrain::lint {

struct Definition;  // definition.h
using Definitions = std::vector<std::shared_ptr<const Definition>>;

// Documents that hold schemas, and the kinds in them.
struct DefinitionFiles {
    std::vector<std::shared_ptr<const yaml::Stream>> streams;  // own the schemas
    Definitions definitions;
    Diagnostics problems;  // KT001, KT002 and KT049
};

// The kinds that a cluster serves in the group-versions that were asked for, by apiVersion; none of one that it lacks.
using ServedKinds = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

// Definitions by group and kind: the versions of a kind.
using KindsByName = std::map<std::pair<std::string, std::string>, Definitions>;

}  // namespace ktrain::lint
