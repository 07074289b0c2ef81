// Questions to a snapshot: which events and pods count, how far a workload is.
#include "core/advice/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/quota.h"
#include "core/kube/resource.h"
#include "core/kube/workload_state.h"

namespace ktrain::advice {
namespace {

// Labels and annotations that give a pod its place in a workload.
constexpr std::array<std::string_view, 8> place_keys{"jobset.sigs.k8s.io/replicatedjob-name",
                                                     "jobset.sigs.k8s.io/job-index",
                                                     "batch.kubernetes.io/job-completion-index",
                                                     "training.kubeflow.org/replica-type",
                                                     "training.kubeflow.org/replica-index",
                                                     "volcano.sh/task-spec",
                                                     "volcano.sh/task-index",
                                                     "apps.kubernetes.io/pod-index"};

std::string place_key(const Json& pod) {
    std::string out;
    for (const std::string_view key : place_keys) {
        std::string value = kube::label_value(pod, key);
        if (value.empty()) value = kube::annotation(pod, key);
        if (!value.empty()) out += value + "/";
    }
    // A template or type alone is shared by all its pods.
    const bool placed = !out.empty() && out.find_first_of("0123456789") != std::string::npos;
    return placed ? controller_of(pod).name + "/" + out : "";
}

}  // namespace

std::optional<kube::Time> time_at(const Json& object, std::initializer_list<std::string_view> keys) {
    const Json& value = at_path(object, keys);
    return value.is_string() ? kube::parse_time(value.get_ref<const std::string&>()) : std::nullopt;
}

std::chrono::seconds age(const Snapshot& snapshot, const std::optional<kube::Time>& time) {
    if (!time) return std::chrono::hours(24 * 365);
    return std::chrono::duration_cast<std::chrono::seconds>(snapshot.now - *time);
}

std::int64_t number_at(const Json& object, std::initializer_list<std::string_view> keys, std::int64_t fallback) {
    const Json& value = at_path(object, keys);
    return value.is_number_integer() ? value.get<std::int64_t>() : fallback;
}

const Json& condition_of(const Json& object, std::string_view type) {
    static const Json none;
    for (const Json& one : at_path(object, {"status", "conditions"}))
        if (string_or(one, "type") == type) return one;
    return none;
}

std::string phase_of(const Json& pod) {
    return string_or(at_path(pod, {"status"}), "phase", "Pending");
}

OwnerRef controller_of(const Json& object) {
    const Json& refs = at_path(object, {"metadata", "ownerReferences"});
    const Json* chosen = nullptr;
    for (const Json& ref : refs)
        if (chosen == nullptr || at_path(ref, {"controller"}) == true) chosen = &ref;
    if (chosen == nullptr) return {};
    return {string_or(*chosen, "apiVersion"), string_or(*chosen, "kind"), string_or(*chosen, "name"),
            string_or(*chosen, "uid")};
}

const Json* named(const std::optional<std::vector<Json>>& list, const std::string& name) {
    if (!list || name.empty()) return nullptr;
    const auto found = std::ranges::find(*list, name, [](const Json& one) { return kube::meta(one, "name"); });
    return found == list->end() ? nullptr : &*found;
}

const Json* find_node(const Snapshot& snapshot, const std::string& name) {
    return named(snapshot.nodes, name);
}

bool lacks_node(const Snapshot& snapshot, const std::string& name) {
    return snapshot.absent_nodes.contains(name) || (snapshot.all_nodes && find_node(snapshot, name) == nullptr);
}

bool has_labels(const Json& object, const Json& labels) {
    for (const auto& [key, value] : labels.items())
        if (!value.is_string() || kube::label_value(object, key) != value.get<std::string>()) return false;
    return true;
}

bool provides_volumes(const Snapshot& snapshot, const std::string& storage_class) {
    if (storage_class.empty() || !snapshot.classes) return !storage_class.empty();
    const Json* found = named(snapshot.classes, storage_class);
    return found != nullptr && string_or(*found, "provisioner") != "kubernetes.io/no-provisioner";
}

std::vector<const Json*> workload_objects(const Snapshot& snapshot) {
    std::vector<const Json*> out{&snapshot.root};
    for (const Json& owner : snapshot.owners) out.push_back(&owner);
    return out;
}

std::vector<Container> containers_of(const Json& pod) {
    std::vector<Container> out;
    for (const bool init : {true, false}) {
        for (const Json& spec : at_path(pod, {"spec", init ? "initContainers" : "containers"})) {
            Container one{string_or(spec, "name"), string_or(spec, "image"), init, &spec, nullptr};
            for (const Json& status : at_path(pod, {"status", init ? "initContainerStatuses" : "containerStatuses"}))
                if (string_or(status, "name") == one.name) one.status = &status;
            out.push_back(one);
        }
    }
    return out;
}

bool succeeded(const Json& workload) {
    if (string_or(workload, "kind") == "Pod") return phase_of(workload) == "Succeeded";
    return kube::workload_state(workload).phase == kube::Phase::complete;
}

bool failed(const Json& workload) {
    if (string_or(workload, "kind") == "Pod") return phase_of(workload) == "Failed";
    return kube::workload_state(workload).phase == kube::Phase::failed;
}

std::string place_of(const Json& pod) {
    for (const char* key :
         {"batch.kubernetes.io/job-completion-index", "training.kubeflow.org/replica-index", "volcano.sh/task-index"}) {
        std::string value = kube::annotation(pod, key);
        if (value.empty()) value = kube::label_value(pod, key);
        if (value.empty()) continue;
        const std::string type = kube::label_value(pod, "training.kubeflow.org/replica-type");
        return type.empty() ? "rank " + value : type + " " + value;
    }
    return {};
}

std::string slot_of(const Snapshot& snapshot, const Json& pod) {
    std::string out = place_key(pod);
    if (!out.empty()) return out;
    const std::string owner = controller_of(pod).uid;
    for (const Json* one : workload_objects(snapshot))
        if (!owner.empty() && kube::meta(*one, "uid") == owner && string_or(*one, "kind") == "Job" &&
            number_at(*one, {"spec", "parallelism"}) == 1)
            return owner;
    return {};
}

std::vector<const Json*> current_pods(const Snapshot& snapshot) {
    std::map<std::string, const Json*> newest;
    std::vector<const Json*> out;
    std::map<std::string, std::int64_t> well;  // pods of an owner that have not failed
    const auto created = [](const Json& pod) { return time_at(pod, {"metadata", "creationTimestamp"}); };
    for (const Json& pod : snapshot.pods) {
        if (phase_of(pod) != "Failed") ++well[controller_of(pod).uid];
        const std::string key = slot_of(snapshot, pod);
        if (key.empty()) continue;
        const Json*& slot = newest[key];
        const auto rank = [&](const Json& one) { return std::pair(phase_of(one) != "Failed", created(one)); };
        if (slot == nullptr || rank(*slot) <= rank(pod)) slot = &pod;
    }
    for (const Json& pod : snapshot.pods) {
        const std::string key = slot_of(snapshot, pod);
        if (!key.empty() && newest[key] != &pod) continue;
        if (key.empty() && phase_of(pod) == "Failed" && !controller_of(pod).uid.empty()) {
            std::int64_t wanted = 1;
            for (const Json* owner : workload_objects(snapshot))
                if (kube::meta(*owner, "uid") == controller_of(pod).uid) wanted = wanted_pods(*owner).value_or(1);
            if (well[controller_of(pod).uid] >= wanted) continue;
        }
        out.push_back(&pod);
    }
    return out;
}

std::optional<std::int64_t> wanted_pods(const Json& owner) {
    const std::string kind = string_or(owner, "kind");
    if (kind == "Job" && string_or(owner, "apiVersion").starts_with("batch/")) {
        const std::int64_t completions = number_at(owner, {"spec", "completions"}, kube::pods_of(owner));
        const std::int64_t done = number_at(owner, {"status", "succeeded"});
        return std::min(kube::pods_of(owner), std::max<std::int64_t>(0, completions - done));
    }
    if (kind == "ReplicaSet" || kind == "StatefulSet" || kind == "ReplicationController")
        return number_at(owner, {"spec", "replicas"}, 1);
    if (!at_path(owner, {"spec"}).is_object()) return std::nullopt;
    for (const auto& [key, groups] : at_path(owner, {"spec"}).items()) {
        if (!key.ends_with("ReplicaSpecs") || !groups.is_object()) continue;
        std::int64_t sum = 0;
        for (const auto& [name, group] : groups.items()) sum += number_at(group, {"replicas"}, 1);
        return sum;
    }
    return std::nullopt;
}

}  // namespace ktrain::advice
