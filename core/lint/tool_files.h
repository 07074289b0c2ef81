// Documents that lie among manifests and are none: settings of tools, and parts that kustomize puts together.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/yaml.h"
#include "core/lint/object.h"

namespace ktrain::lint {

// The files among the sources that kustomizations of theirs name as patches. Source: kustomize
// api/types/kustomization.go.
std::set<std::string_view> patch_files(const std::vector<Source>& sources, const std::vector<yaml::Stream>& streams);

// Whether a document becomes no object: it is read by a tool, as its apiVersion and kind say, or the file was found,
// not named, and is one of `patches`, or the document has neither apiVersion nor kind, or is a part that kustomize puts
// into another object ($patch).
bool is_passed_over(const Source& source, const std::set<std::string_view>& patches, const yaml::Node& document);

// Who reads a document. Kustomize reads values as kubectl does, and a file as one text.
enum class Reader { kubectl, kustomize, other };
Reader reader_of(const Source& source, const std::set<std::string_view>& patches, const yaml::Node& document);

// What the kustomizations among the sources make and set.
std::shared_ptr<const Kustomize> read_kustomizations(const std::vector<Source>& sources,
                                                     const std::vector<yaml::Stream>& streams);

}  // namespace ktrain::lint
