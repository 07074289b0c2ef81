// Custom resources that a webhook of their operator reads into Go's types and, where it sets a default, writes anew
// before they are compared with their schema: what nobody set is the zero of its type by then.
#include <algorithm>
#include <array>

#include "core/lint/facts.h"

namespace ktrain::lint {
namespace {

// Of these hardly any sets all defaults itself. Source: the MutatingWebhookConfigurations of JobSet, Kueue and
// LeaderWorkerSet, and what their Default() does: that of Workloads changes none, so that they stay as they are
// written.
constexpr std::array<std::string_view, 4> kinds{"ClusterQueue", "JobSet", "LeaderWorkerSet", "ResourceFlavor"};
static_assert(std::ranges::is_sorted(kinds));

}  // namespace

bool is_decoded(const Object& object) {
    const std::string_view group = group_of(object.api_version);
    return is_rewritten(object) || (object.kind == "TrainJob" && group == "trainer.kubeflow.org") ||
           (object.kind == "Workload" && group == "kueue.x-k8s.io");
}

bool is_rewritten(const Object& object) {
    return std::ranges::binary_search(kinds, std::string_view(object.kind)) &&
           group_of(object.api_version).ends_with(".x-k8s.io");
}

bool writes_all(const Object& object) {
    return is_rewritten(object) && (object.kind == "JobSet" || object.kind == "LeaderWorkerSet");
}

bool is_question(const Object& object) {
    const std::string_view group = group_of(object.api_version);
    return group == "authentication.k8s.io" || group == "authorization.k8s.io";
}

bool is_needed(const EdgeEntry& edge) {
    return (edge.flags & (flag_required | flag_defaulted)) == flag_required;
}

bool takes_zero(Type type, Patterns& patterns) {
    bool listed = false, empty = false;
    for (const FactEntry& fact : type.facts()) {
        const bool least = fact.kind == FactKind::min_length || fact.kind == FactKind::min;
        if (fact.kind == FactKind::one_of || (least && fact.value > 0)) return false;
        if (fact.kind == FactKind::pattern && !patterns.matches(type.text(fact.text), "")) return false;
        listed |= fact.kind == FactKind::choice;
        empty |= fact.kind == FactKind::choice && type.text(fact.text).empty();
    }
    return !listed || empty;
}

// Go leaves out what is empty where its type says so: not what is required, no spec, which is an object and so never
// empty, and not the sources of a projected volume.
bool is_written(const EdgeEntry& edge, const Field& field) {
    return is_needed(edge) || (field.name == "spec" && field.type.base() == Base::object) ||
           (field.name == "sources" && field.type.base() == Base::list);
}

std::optional<std::string> refused_zero(const std::string& path, Type type, Patterns& patterns) {
    if (type.has(flag_nullable) || type.base() == Base::any) return {};
    if (type.base() == Base::list || type.base() == Base::map) return path;
    for (const EdgeEntry& edge : type.edges()) {
        const Field field = type.field(edge);
        if (!is_written(edge, field)) continue;
        auto inner = refused_zero(join_path(path, std::string(field.name)), field.type, patterns);
        if (inner) return inner;
    }
    return takes_zero(type, patterns) ? std::nullopt : std::optional(path);
}

}  // namespace ktrain::lint
