// Builds the index of a bundle, and answers references to its objects.
#include "core/lint/index.h"

#include <algorithm>
#include <array>

#include "core/lint/references.h"

namespace ktrain::lint {
namespace {

struct Referred {
    std::string_view kind;
    std::string_view group;
};

// Kinds that others refer to, that say what others may do, or of which controllers make what others refer to.
constexpr std::array referred{
    Referred{"Certificate", "cert-manager.io"},
    Referred{"ClusterQueue", "kueue.x-k8s.io"},
    Referred{"ClusterTrainingRuntime", "trainer.kubeflow.org"},
    Referred{"ConfigMap", ""},
    Referred{"EC2NodeClass", "karpenter.k8s.aws"},
    Referred{"ExternalSecret", "external-secrets.io"},
    Referred{"LimitRange", ""},
    Referred{"LocalQueue", "kueue.x-k8s.io"},
    Referred{"Namespace", ""},
    Referred{"NodePool", "karpenter.sh"},
    Referred{"PersistentVolume", ""},
    Referred{"PersistentVolumeClaim", ""},
    Referred{"Pod", ""},
    Referred{"PriorityClass", "scheduling.k8s.io"},
    Referred{"ResourceFlavor", "kueue.x-k8s.io"},
    Referred{"ResourceQuota", ""},
    Referred{"RuntimeClass", "node.k8s.io"},
    Referred{"SealedSecret", "bitnami.com"},
    Referred{"Secret", ""},
    Referred{"Service", ""},
    Referred{"ServiceAccount", ""},
    Referred{"StatefulSet", "apps"},
    Referred{"StorageClass", "storage.k8s.io"},
    Referred{"TrainingRuntime", "trainer.kubeflow.org"},
    Referred{"WorkloadPriorityClass", "kueue.x-k8s.io"},
};
static_assert(std::is_sorted(referred.begin(), referred.end(),
                             [](const Referred& a, const Referred& b) { return a.kind < b.kind; }));

// The kind's text in the table, which lives as long as the program; "" for kinds that nothing refers to.
std::string_view referred_kind(const Object& object) {
    const auto found = std::lower_bound(referred.begin(), referred.end(), object.kind,
                                        [](const Referred& one, std::string_view kind) { return one.kind < kind; });
    const bool known = found != referred.end() && found->kind == object.kind;
    return known && found->group == group_of(object.api_version) ? found->kind : std::string_view();
}

bool has_no_space(const Object& object) {
    return object.schema && object.schema->has(flag_cluster);
}

std::string key_of(std::string_view kind, std::string_view space, std::string_view name) {
    std::string key;
    key.reserve(kind.size() + space.size() + name.size() + 2);
    return key.append(kind).append("\n").append(space).append("\n").append(name);
}

}  // namespace

std::string_view space_of(const Object& object) {
    return has_no_space(object) ? std::string_view() : Value(object.root)["metadata"]["namespace"].text();
}

Index::Index(const std::vector<Object>& objects) {
    for (const Object& object : objects) {
        const std::string_view space = space_of(object);
        if (object.schema && !has_no_space(object)) {
            spaces_.emplace(space, &object);
            if (!space.empty()) files_.insert(object.file);
        }
        const std::string_view kind = referred_kind(object);
        const std::string_view name = Value(object.root)["metadata"]["name"].text();
        if (kind.empty() || name.empty()) continue;
        kinds_[kind].push_back(&object);
        exact_.emplace(key_of(kind, space, name), &object);
        anywhere_.emplace(key_of(kind, "", name), &object);
    }
    if (!has_spaces() || !spaces_.contains("")) return;
    for (const Object& object : objects) explain(object);
}

void Index::explain(const Object& object) {
    if (has_no_space(object)) return;
    for (const Reference& reference : references_of(object)) {
        const Match match = find(reference.kind, space_of(object), reference.name.text());
        if (match.found == Found::unplaced) explained_.insert(space_of(object).empty() ? &object : match.object);
    }
}

std::span<const Object* const> Index::all(std::string_view kind) const {
    const auto found = kinds_.find(kind);
    if (found == kinds_.end()) return {};
    return found->second;
}

Match Index::find(std::string_view kind, std::string_view space, std::string_view name) const {
    if (const auto any = anywhere_.find(key_of(kind, "", name)); any != anywhere_.end()) {
        if (has_no_space(*any->second)) return {Found::there, any->second};
        if (const auto exact = exact_.find(key_of(kind, space, name)); exact != exact_.end())
            return {Found::there, exact->second};
        if (space.empty()) return {Found::unplaced, any->second};
        if (const auto open = exact_.find(key_of(kind, "", name)); open != exact_.end())
            return {Found::unplaced, open->second};
        return {Found::elsewhere, any->second};
    }
    return {};
}

std::vector<std::string_view> Index::names(std::string_view kind) const {
    std::vector<std::string_view> names;
    for (const Object* object : all(kind)) names.push_back(Value(object->root)["metadata"]["name"].text());
    return names;
}

const Object* Index::first_in(std::string_view space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? nullptr : found->second;
}

}  // namespace ktrain::lint
