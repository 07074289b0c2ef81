// Kinds of the API and where they live: paths of the REST interface, names as kubectl prints them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace ktrain::kube {

struct Resource {
    std::string group;  // empty for the core group
    std::string version;
    std::string kind;
    std::string plural;
    bool namespaced = true;

    std::string api_version() const { return group.empty() ? version : group + "/" + version; }
    // "/apis/batch/v1/namespaces/NS/jobs", of all namespaces when that is empty.
    std::string collection_path(std::string_view namespace_) const;
    // ".../NAME". Errors: Error{input} for a name, or a namespace of a namespaced kind, that can be none: an empty one
    // would mean the whole collection.
    std::string path(std::string_view namespace_, std::string_view name) const;
    // "job.batch/NAME", "configmap/NAME".
    std::string label(std::string_view name) const;
};

// The kinds that every server since 1.29 has, so that they cost no discovery; nullopt for others.
std::optional<Resource> built_in_resource(std::string_view api_version, std::string_view kind);

// The resource in an APIGroupDiscoveryList (aggregated) or an APIResourceList; nullopt when it is not there.
std::optional<Resource> find_in_discovery(const Json& discovery, std::string_view api_version, std::string_view kind);

// The versions in an APIGroupDiscoveryList that have the kind in the group of `api_version` ("kubeflow.org/v1"), the
// preferred one first.
std::vector<std::string> served_versions(const Json& discovery, std::string_view api_version, std::string_view kind);

// metadata.name, metadata.namespace and so on of an object, or empty.
std::string meta(const Json& object, std::string_view key);
// "job.batch/NAME", "configmap/NAME", from the object alone.
std::string label_of(const Json& object);
std::string annotation(const Json& object, std::string_view key);
std::string label_value(const Json& object, std::string_view key);

}  // namespace ktrain::kube
