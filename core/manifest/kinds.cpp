// The table of kinds, and what all objects have in common.
#include "core/manifest/kinds.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"

namespace ktrain {
namespace {

bool always(const Plan&) {
    return true;
}
bool has_quota(const Plan& plan) {
    return !plan.quota.empty();
}
bool has_service(const Plan& plan) {
    return !plan.service.empty();
}

// The namespaces that every cluster has belong to nobody's training job.
bool makes_namespace(const Plan& plan) {
    constexpr std::array<std::string_view, 4> built_in{"default", "kube-node-lease", "kube-public", "kube-system"};
    return plan.spec.cluster.create_namespace && std::ranges::find(built_in, plan.namespace_) == built_in.end();
}

bool makes_claims(const Plan& plan) {
    return std::ranges::any_of(plan.spec.cluster.volumes,
                               [](const VolumeSpec& volume) { return !volume.size.empty(); });
}

// What others refer to comes first: pods need the namespace, its limits, the account, the spec, the volumes and the
// addresses before the Job makes them.
constexpr std::array<Kind, 8> table{{
    {"Namespace", Ownership::shared, makes_namespace, make_namespace},
    {"ResourceQuota", Ownership::shared, has_quota, make_resource_quota},
    {"LimitRange", Ownership::shared, has_quota, make_limit_range},
    {"PersistentVolumeClaim", Ownership::shared, makes_claims, make_volume_claims},
    {"ServiceAccount", Ownership::owned, always, make_service_account},
    {"ConfigMap", Ownership::owned, always, make_config_map},
    {"Service", Ownership::owned, has_service, make_service},
    {"Job", Ownership::job, always, make_job},
}};
static_assert(std::ranges::is_sorted(table, std::ranges::greater{}, &Kind::ownership),
              "what outlives the job is applied first, the job last");

}  // namespace

std::span<const Kind> kinds() {
    return table;
}

std::vector<Object> render(const Plan& plan) {
    std::vector<Object> objects;
    for (const Kind& kind : table) {
        if (!kind.wanted(plan)) continue;
        for (Object& object : kind.make(plan)) objects.push_back(std::move(object));
    }
    return objects;
}

Ownership ownership(const Object& object) {
    const std::string name = string_or(object, "kind");
    const auto kind = std::ranges::find(table, name, &Kind::name);
    if (kind == table.end()) throw Error(ErrorKind::bug, "no row for the kind \"" + name + "\" in the table of kinds");
    return kind->ownership;
}

Object make_object(const Plan& plan, std::string_view api_version, std::string_view kind, const std::string& name,
                   Ownership ownership) {
    Object labels = {{"app.kubernetes.io/managed-by", "ktrain"}};
    if (ownership != Ownership::shared) {
        labels["app.kubernetes.io/name"] = "ktrain";
        labels["app.kubernetes.io/instance"] = plan.name;
        labels[label_job] = plan.name;
        labels[label_digest] = plan.digest.substr(0, 16);
    }
    for (const auto& [key, value] : plan.spec.metadata.labels) labels[key] = value;
    Object metadata = {{"name", name}};
    if (kind != "Namespace") metadata["namespace"] = plan.namespace_;
    metadata["labels"] = std::move(labels);
    return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", std::move(metadata)}};
}

}  // namespace ktrain
