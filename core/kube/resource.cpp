// Kinds of the API and where they live: paths of the REST interface, names as kubectl prints them.
#include "core/kube/resource.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/article.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/kube/http.h"

namespace ktrain::kube {
namespace {

struct Row {
    std::string_view api_version, kind, plural;
    bool namespaced;

    constexpr bool operator<(const Row& other) const {
        return api_version != other.api_version ? api_version < other.api_version : kind < other.kind;
    }
};

constexpr std::array table{
    Row{"batch/v1", "CronJob", "cronjobs", true},
    Row{"batch/v1", "Job", "jobs", true},
    Row{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true},
    Row{"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false},
    Row{"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true},
    Row{"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false},
    Row{"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false},
    Row{"rbac.authorization.k8s.io/v1", "Role", "roles", true},
    Row{"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true},
    Row{"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false},
    Row{"storage.k8s.io/v1", "CSIDriver", "csidrivers", false},
    Row{"storage.k8s.io/v1", "StorageClass", "storageclasses", false},
    Row{"v1", "ConfigMap", "configmaps", true},
    Row{"v1", "Event", "events", true},
    Row{"v1", "LimitRange", "limitranges", true},
    Row{"v1", "Namespace", "namespaces", false},
    Row{"v1", "Node", "nodes", false},
    Row{"v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    Row{"v1", "Pod", "pods", true},
    Row{"v1", "ResourceQuota", "resourcequotas", true},
    Row{"v1", "Secret", "secrets", true},
    Row{"v1", "Service", "services", true},
    Row{"v1", "ServiceAccount", "serviceaccounts", true},
};
static_assert(std::is_sorted(table.begin(), table.end()));

Resource named(std::string_view api_version, std::string_view kind) {
    Resource out;
    const std::size_t slash = api_version.find('/');
    out.group = slash == std::string_view::npos ? "" : api_version.substr(0, slash);
    out.version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
    out.kind = kind;
    return out;
}

// APIGroupDiscoveryList v2: items are groups, with versions, with resources.
std::optional<Resource> find_aggregated(const Json& discovery, Resource wanted) {
    for (const Json& group : at_path(discovery, {"items"})) {
        if (meta(group, "name") != wanted.group) continue;
        for (const Json& version : at_path(group, {"versions"})) {
            if (string_or(version, "version") != wanted.version) continue;
            for (const Json& resource : at_path(version, {"resources"})) {
                if (string_or(at_path(resource, {"responseKind"}), "kind") != wanted.kind) continue;
                wanted.plural = string_or(resource, "resource");
                wanted.namespaced = string_or(resource, "scope") == "Namespaced";
                return wanted;
            }
        }
    }
    return std::nullopt;
}

// One part of a path. Source: IsValidPathSegmentName of apimachinery.
std::string segment(std::string_view name, std::string_view what) {
    if (name.empty() || name == "." || name == ".." || name.find_first_of("/%") != std::string_view::npos)
        throw Error(ErrorKind::input,
                    fmt::format("\"{}\" cannot be the name of {}", printable(name), with_article(printable(what))));
    return percent_encode(name);
}

}  // namespace

std::string Resource::collection_path(std::string_view namespace_) const {
    std::string out = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
    if (namespaced && !namespace_.empty()) out += "/namespaces/" + segment(namespace_, "namespace");
    return out + "/" + plural;
}

std::string Resource::path(std::string_view namespace_, std::string_view name) const {
    if (namespaced) segment(namespace_, "namespace");
    return collection_path(namespace_) + "/" + segment(name, kind);
}

std::string Resource::label(std::string_view name) const {
    std::string out = kind;
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    if (!group.empty()) out += "." + group;
    return printable(out + "/" + std::string(name));
}

std::optional<Resource> built_in_resource(std::string_view api_version, std::string_view kind) {
    const auto row = std::lower_bound(table.begin(), table.end(), Row{api_version, kind, "", false});
    if (row == table.end() || row->api_version != api_version || row->kind != kind) return std::nullopt;
    Resource out = named(api_version, kind);
    out.plural = row->plural;
    out.namespaced = row->namespaced;
    return out;
}

std::optional<Resource> find_in_discovery(const Json& discovery, std::string_view api_version, std::string_view kind) {
    if (string_or(discovery, "kind") == "APIGroupDiscoveryList")
        return find_aggregated(discovery, named(api_version, kind));
    if (string_or(discovery, "groupVersion") != api_version) return std::nullopt;
    for (const Json& resource : at_path(discovery, {"resources"})) {
        const std::string plural = string_or(resource, "name");
        if (string_or(resource, "kind") != kind || plural.find('/') != std::string::npos) continue;
        Resource out = named(api_version, kind);
        out.plural = plural;
        out.namespaced = at_path(resource, {"namespaced"}) != false;
        return out;
    }
    return std::nullopt;
}

std::vector<std::string> served_versions(const Json& discovery, std::string_view api_version, std::string_view kind) {
    Resource wanted = named(api_version, kind);
    std::vector<std::string> out;
    for (const Json& group : at_path(discovery, {"items"})) {
        if (meta(group, "name") != wanted.group) continue;
        for (const Json& version : at_path(group, {"versions"})) {
            wanted.version = string_or(version, "version");
            if (find_aggregated(discovery, wanted)) out.push_back(wanted.api_version());
        }
    }
    return out;
}

std::string meta(const Json& object, std::string_view key) {
    return string_or(at_path(object, {"metadata"}), key);
}

std::string label_of(const Json& object) {
    Resource resource;
    const std::string api_version = string_or(object, "apiVersion");
    if (const std::size_t slash = api_version.find('/'); slash != std::string::npos)
        resource.group = api_version.substr(0, slash);
    resource.kind = string_or(object, "kind");
    return resource.label(meta(object, "name"));
}

std::string annotation(const Json& object, std::string_view key) {
    return string_or(at_path(object, {"metadata", "annotations"}), key);
}

std::string label_value(const Json& object, std::string_view key) {
    return string_or(at_path(object, {"metadata", "labels"}), key);
}

}  // namespace ktrain::kube
