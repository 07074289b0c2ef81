// Finds the workload that a name means, by what happened to it, with as few requests as possible.
#include "core/advice/gatherer.h"
#include "core/kube/workload_kind.h"

namespace ktrain::advice {

void Gatherer::find_root(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string word = slash == std::string::npos ? "" : text.substr(0, slash);
    if (word == "pod" || word == "pods" || word == "po") {
        const std::string name = text.substr(slash + 1);
        out_.root = client_.get(built_in("Pod"), namespace_, name);
        ++spent_;
        return give_kind(out_.root, built_in("Pod"));
    }
    const bool known = slash == std::string::npos || !kube::workload_kinds_named(word).empty();
    if (!known && find_by_pods(text.substr(slash + 1))) return;
    const kube::WorkloadName wanted = kube::parse_workload_name(text);
    if (wanted.kinds.empty()) {
        if (auto job = find(built_in("Job"), wanted.name)) {
            out_.root = std::move(*job);
            return climb(wanted.name);
        }
        read_events();
        if (find_by_events(wanted.name)) return climb(wanted.name);
        if (auto pod = find(built_in("Pod"), wanted.name)) {
            out_.root = std::move(*pod);
            return;
        }
        if (find_by_pods(wanted.name)) return climb(wanted.name);
    }
    spent_ += wanted.kinds.empty() ? 3 : 1;  // how many, depends on the kinds that the server has
    out_.root = kube::find_workload(client_, namespace_, wanted).object;
}

// Events name what they are about, with its kind: a workload that anything has happened to is found at once.
bool Gatherer::find_by_events(const std::string& name) {
    for (const Json& event : out_.events) {
        const Json& about = at_path(event, {"involvedObject"});
        const std::string kind = string_or(about, "kind"), api_version = string_or(about, "apiVersion");
        if (string_or(about, "name") != name || kind == "Pod" || kind == "PodGroup" || kind == "Workload") continue;
        if (kind == "PersistentVolumeClaim" || kind == "Service" || kind == "ConfigMap") continue;
        const auto place = place_of_kind(api_version, kind);
        if (!place) continue;
        if (auto found = find(*place, name)) {
            out_.root = std::move(*found);
            return true;
        }
    }
    return false;
}

// The owner of a pod, or of a pod's owner, has this name: a workload of a kind that nobody knows.
bool Gatherer::find_by_pods(const std::string& name) {
    const auto pods = list(built_in("Pod"));
    if (!pods) return false;
    for (const Json& pod : *pods) {
        OwnerRef owner = controller_of(pod);
        if (owner.name != name && owner.name.starts_with(name + "-"))
            if (const auto place = place_of_kind(owner.api_version, owner.kind))
                if (const auto between = find(*place, owner.name)) owner = controller_of(*between);
        if (owner.name != name) continue;
        const auto place = place_of_kind(owner.api_version, owner.kind);
        if (auto found = place ? find(*place, name) : std::nullopt) {
            out_.root = std::move(*found);
            return true;
        }
    }
    return false;
}

// To the workload of the same name that made this one: a TrainJob its JobSet. A Job of a CronJob is meant itself.
void Gatherer::climb(const std::string& name) {
    for (int floors = 0; floors < 3; ++floors) {
        const OwnerRef owner = controller_of(out_.root);
        if (owner.name != name || owner.kind == "CronJob") return;
        const auto place = place_of_kind(owner.api_version, owner.kind);
        if (!place) return;
        auto found = find(*place, owner.name);
        if (!found) return;
        out_.root = std::move(*found);
    }
}

}  // namespace ktrain::advice
