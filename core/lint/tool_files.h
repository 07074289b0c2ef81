// Documents that lie among manifests and are none: settings of tools, and parts that kustomize puts together.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/yaml.h"
#include "core/lint/object.h"

namespace ktrain::lint {

// Whether a document is read by a tool, as its apiVersion and kind say, and sent to no API server.
bool is_of_tool(const yaml::Node& document);

// Whether a document of a file that was found, not named, is taken for none of ours: it has neither apiVersion nor
// kind, or is a part that kustomize puts into another object ($patch).
bool is_no_manifest(const yaml::Node& document);

// The files among the sources that kustomizations of theirs name as patches. Source: kustomize
// api/types/kustomization.go.
std::set<std::string_view> patch_files(const std::vector<Source>& sources, const std::vector<yaml::Stream>& streams);

// What the kustomizations among the sources make and set.
std::shared_ptr<const Kustomize> read_kustomizations(const std::vector<Source>& sources,
                                                     const std::vector<yaml::Stream>& streams);

}  // namespace ktrain::lint
