// Reads what a diagnosis needs, each thing only where something asks for it.
#include "core/advice/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/advice/explain.h"
#include "core/advice/gatherer.h"
#include "core/kube/made_names.h"
#include "core/kube/workload_pods.h"

namespace ktrain::advice {
namespace {

constexpr std::size_t max_refused_kinds = 2;
// How many of the last lines of a log are read: the server counts bytes from the first of them, so that of long lines
// the last ones would not come, and fewer are asked for.
constexpr int log_lines = 200, fewer_lines = 60;
constexpr std::size_t log_bytes = 65536;

}  // namespace

void Gatherer::read_tree() {
    const std::string kind = string_or(out_.root, "kind");
    if (kind == "Pod") {
        out_.pods = {out_.root};
        return;
    }
    if (kind == "Service") return read_pods_of_service();
    if (kind == "Deployment" || kind == "StatefulSet")
        out_.service = find(built_in("Service"),
                            string_or(at_path(out_.root, {"spec"}), "serviceName", kube::meta(out_.root, "name")));
    const std::vector<Json> none;
    const auto* known = has_all_pods() ? &*all_pods_ : all_pods_refused_ ? &none : nullptr;
    const kube::OwnerTree tree = kube::owner_tree(client_, namespace_, out_.root, known);
    out_.unread.insert(out_.unread.end(), tree.unreadable.begin(), tree.unreadable.end());
    for (const Json& object : tree.objects) {
        if (kube::meta(object, "uid") == kube::meta(out_.root, "uid")) continue;
        (string_or(object, "kind") == "Pod" ? out_.pods : out_.owners).push_back(object);
    }
    if (kube::workload_kind(out_.root) == nullptr && out_.pods.empty()) read_strangers();
    if (string_or(out_.root, "kind") == "CronJob") keep_last_run();
}

// Of the runs of a CronJob those count that go on, and the last one.
void Gatherer::keep_last_run() {
    std::string last, begun;  // uid, and time as text
    for (const Json& run : out_.owners) {
        const std::string created = kube::meta(run, "creationTimestamp");
        if (string_or(run, "kind") == "Job" && created >= begun) last = kube::meta(run, "uid"), begun = created;
    }
    std::erase_if(out_.owners, [&](const Json& run) {
        const std::string uid = kube::meta(run, "uid");
        if (string_or(run, "kind") != "Job" || uid == last || !(failed(run) || succeeded(run))) return false;
        std::erase_if(out_.pods, [&](const Json& pod) {
            if (!owned_by(pod, uid)) return false;
            out_.strangers.insert(kube::meta(pod, "uid"));
            return true;
        });
        out_.strangers.insert(uid);
        return true;
    });
}

// Those that it selects; where there are none, what the others have of its labels.
void Gatherer::read_pods_of_service() {
    const auto* pods = all_pods();
    const Json& selector = at_path(out_.root, {"spec", "selector"});
    if (pods == nullptr || !has_all_pods() || selector.empty()) return;
    out_.service = out_.root;
    std::ranges::copy_if(*pods, std::back_inserter(out_.pods),
                         [&](const Json& pod) { return has_labels(pod, selector); });
    if (!out_.pods.empty()) return;
    for (const Json& pod : *pods)
        for (const auto& [key, value] : selector.items())
            if (const std::string has = kube::label_value(pod, key); !has.empty())
                out_.near_labels.insert(key + "=" + has);
}

// Pods of an owner that is not known, which the workload has made: a StatefulSet, a ReplicaSet, another custom kind.
void Gatherer::read_strangers() {
    const auto* pods = all_pods();
    if (pods == nullptr) return;
    std::map<std::string, bool> mine;  // by the owner's uid
    for (const Json& pod : *pods) {
        const OwnerRef owner = controller_of(pod);
        if (owner.uid.empty() || !owner.name.starts_with(kube::meta(out_.root, "name"))) continue;
        const auto [known, is_new] = mine.try_emplace(owner.uid, false);
        if (is_new) {
            const Json* found = find_owner(owner);
            known->second = found != nullptr && owned_by(*found, kube::meta(out_.root, "uid"));
            if (known->second) out_.owners.push_back(*found);
        }
        if (known->second) out_.pods.push_back(pod);
    }
}

// Owners of a kind that is not known and that have no pods, as a ReplicaSet whose pods are refused: events name them.
void Gatherer::read_refused_owners() {
    if (kube::workload_kind(out_.root) != nullptr || string_or(out_.root, "kind") == "Pod") return;
    std::set<std::pair<std::string, std::string>> kinds;
    std::set<std::string> known{kube::meta(out_.root, "uid")};
    for (const Json& owner : out_.owners) known.insert(kube::meta(owner, "uid"));
    for (const Json& event : out_.events) {
        const Json& about = at_path(event, {"involvedObject"});
        const OwnerRef owner{string_or(about, "apiVersion"), string_or(about, "kind"), string_or(about, "name"),
                             string_or(about, "uid")};
        if (owner.kind == "Pod" || string_or(event, "type") != "Warning" ||
            !kube::would_name(out_.root, owner.kind, owner.name) || !known.insert(owner.uid).second)
            continue;
        kinds.emplace(owner.api_version, owner.kind);
        if (kinds.size() > max_refused_kinds) return;
        const Json* found = find_owner(owner);
        if (found == nullptr) continue;
        if (owned_by(*found, kube::meta(out_.root, "uid")))
            out_.owners.push_back(*found);
        else
            out_.strangers.insert(owner.uid);
    }
}

const std::vector<Json>* Gatherer::all_pods() {
    if (!std::exchange(all_pods_asked_, true)) {
        all_pods_ = list(built_in("Pod"));
        all_pods_refused_ = !all_pods_ && !cut_short_;
    }
    return all_pods_ ? &*all_pods_ : nullptr;
}

void Gatherer::read_events() {
    events_read_ = true;
    if (auto events = list(built_in("Event"))) out_.events = std::move(*events);
}

void Gatherer::read_queue() {
    const std::string label = kube::label_value(out_.root, "kueue.x-k8s.io/queue-name");
    const bool gated = std::ranges::any_of(out_.pods, [](const Json& pod) {
        return kube::meta(pod, "deletionTimestamp").empty() && !at_path(pod, {"spec", "schedulingGates"}).empty();
    });
    if ((label.empty() && !gated) || succeeded(out_.root)) return;
    const std::string uid = kube::meta(out_.root, "uid");
    std::optional<std::vector<Json>> items;
    std::string served;
    for (const char* version : {"v1beta2", "v1beta1"}) {
        items = list(resource_of("kueue.x-k8s.io", served = version, "Workload", "workloads"));
        if (items) break;
    }
    if (!items) {
        out_.unserved.insert("kueue.x-k8s.io/Workload");
        return;
    }
    for (Json& item : *items) {
        const bool mine = owned_by(item, uid) || std::ranges::any_of(out_.owners, [&](const Json& owner) {
                              return owned_by(item, kube::meta(owner, "uid"));
                          });
        if (!mine) continue;
        const Json& reserved = condition_of(item, "QuotaReserved");
        read_inactive_queue(string_or(reserved, "message"), served);
        if (string_or(reserved, "status") != "True")
            read_position(string_or(at_path(item, {"spec"}), "queueName", label), kube::meta(item, "name"));
        out_.owners.push_back(std::move(item));
        return;
    }
}

// A ClusterQueue tells itself why it admits nothing. Source: Kueue, pkg/cache/queue: "ClusterQueue %s is inactive".
void Gatherer::read_inactive_queue(const std::string& message, const std::string& version) {
    constexpr std::string_view before = "ClusterQueue ", behind = " is inactive";
    const std::size_t at = message.find(before), end = message.find(behind);
    if (at == std::string::npos || end == std::string::npos || end < at + before.size()) return;
    const std::string name = message.substr(at + before.size(), end - at - before.size());
    if (auto queue = find(resource_of("kueue.x-k8s.io", version, "ClusterQueue", "clusterqueues", false), name))
        out_.owners.push_back(std::move(*queue));
}

void Gatherer::read_position(const std::string& queue, const std::string& workload) {
    if (queue.empty()) return;
    for (const char* version : kube::visibility_versions) {
        std::optional<std::vector<Json>> pending;
        may([&] { pending = kube::pending_workloads(client_, version, namespace_, queue); });
        if (!pending) continue;
        for (const Json& item : *pending) {
            if (kube::meta(item, "name") != workload) continue;
            out_.queue_position = fmt::format("{} of {} in the queue {}, {} in its ClusterQueue",
                                              number_at(item, {"positionInLocalQueue"}) + 1, pending->size(), queue,
                                              number_at(item, {"positionInClusterQueue"}) + 1);
        }
        return;
    }
}

void Gatherer::read_groups() {
    if (succeeded(out_.root) || failed(out_.root)) return;
    const bool volcano_job = string_or(out_.root, "apiVersion").starts_with("batch.volcano.sh");
    const bool waits = lacks_pods() || std::ranges::any_of(out_.pods, [](const Json& pod) {
                           return phase_of(pod) == "Pending" && string_or(at_path(pod, {"spec"}), "nodeName").empty();
                       });
    if (!waits) return;
    std::string name;
    bool coscheduling = false;
    for (const Json& pod : out_.pods) {
        if (name.empty()) name = kube::annotation(pod, "scheduling.k8s.io/group-name");
        if (!name.empty()) continue;
        name = kube::label_value(pod, "scheduling.x-k8s.io/pod-group");
        coscheduling = !name.empty();
    }
    if (name.empty() && !volcano_job) return;
    const auto kind = coscheduling ? resource_of("scheduling.x-k8s.io", "v1alpha1", "PodGroup", "podgroups")
                                   : resource_of("scheduling.volcano.sh", "v1beta1", "PodGroup", "podgroups");
    std::optional<Json> group;
    if (!name.empty()) {
        group = find(kind, name);
    } else if (const auto groups = list(kind)) {
        for (const Json& one : *groups)
            if (owned_by(one, kube::meta(out_.root, "uid"))) group = one;
    }
    if (!group) return;
    if (!coscheduling)
        if (auto queue = find(resource_of("scheduling.volcano.sh", "v1beta1", "Queue", "queues", false),
                              string_or(at_path(*group, {"spec"}), "queue", "default")))
            out_.owners.push_back(std::move(*queue));
    out_.owners.push_back(std::move(*group));
}

void Gatherer::read_for_pending() {
    if (succeeded(out_.root)) return;
    bool homeless = false, claims = false;
    for (const Json& pod : out_.pods) {
        if (phase_of(pod) != "Pending" || !kube::meta(pod, "deletionTimestamp").empty()) continue;
        homeless = homeless || string_or(at_path(pod, {"spec"}), "nodeName").empty();
        for (const Json& volume : at_path(pod, {"spec", "volumes"}))
            claims = claims || volume.contains("persistentVolumeClaim") || volume.contains("ephemeral");
    }
    const bool gone = out_.pods.empty() && std::ranges::any_of(out_.events, [](const Json& event) {
                          return string_or(event, "reason") == "FailedScheduling";
                      });
    if (homeless || gone) {
        out_.nodes = list(built_in("Node"));
        out_.all_nodes = out_.nodes.has_value();
    }
    if (claims) read_storage();
}

// The claims, and what they may be bound to: their classes, and volumes where those are not made for a claim.
void Gatherer::read_storage() {
    out_.claims = list(built_in("PersistentVolumeClaim"));
    if (!out_.claims) return;
    const auto is_open = [](const Json& claim) { return phase_of(claim) == "Pending"; };
    const auto class_of = [](const Json& claim) { return string_or(at_path(claim, {"spec"}), "storageClassName"); };
    if (std::ranges::any_of(*out_.claims, [&](const Json& one) { return is_open(one) && !class_of(one).empty(); }))
        out_.classes = list(resource_of("storage.k8s.io", "v1", "StorageClass", "storageclasses", false));
    const bool by_hand = std::ranges::any_of(*out_.claims, [&](const Json& claim) {
        return is_open(claim) &&
               (!string_or(at_path(claim, {"spec"}), "volumeName").empty() || !provides_volumes(out_, class_of(claim)));
    });
    const bool out_of_reach = std::ranges::any_of(out_.pods, [](const Json& pod) {
        const std::string said = string_or(condition_of(pod, "PodScheduled"), "message");
        return said.find("node affinity conflict") != std::string::npos ||
               said.find("PersistentVolume's node affinity") != std::string::npos;
    });
    if (by_hand || out_of_reach)
        out_.volumes = list(resource_of("", "v1", "PersistentVolume", "persistentvolumes", false));
}

// Of one pod that no scheduler has looked at: it is not shown to any before its claims are there.
void Gatherer::read_device_claims() {
    if (succeeded(out_.root)) return;
    const auto waits = std::ranges::find_if(out_.pods, [](const Json& pod) {
        return phase_of(pod) == "Pending" && condition_of(pod, "PodScheduled").is_null() &&
               !at_path(pod, {"spec", "resourceClaims"}).empty();
    });
    if (waits == out_.pods.end()) return;
    const kube::Resource kind = resource_of("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims");
    for (const Json& claim : at_path(*waits, {"spec", "resourceClaims"})) {
        const std::string name = string_or(claim, "resourceClaimName");
        std::optional<Json> found;
        if (!name.empty() && may([&] { found = client_.find(kind, namespace_, name); }) && !found)
            out_.absent_device_claims.insert(name);
    }
}

void Gatherer::read_logs() {
    if (succeeded(out_.root)) return;
    for (const LogWish& wish : wanted_logs(out_)) {
        const auto may_read = [&] { return allowed(lacks_pods() ? 1 : 0); };  // the quotas are read after it
        if (!may_read()) return;
        auto text = read_log(wish, log_lines);
        if (text && text->size() >= log_bytes && may_read())
            if (auto end = read_log(wish, fewer_lines)) text = std::move(end);
        if (text) out_.logs.push_back({wish.pod, wish.container, std::move(*text)});
    }
}

std::optional<std::string> Gatherer::read_log(const LogWish& wish, int lines) {
    std::optional<std::string> text;
    try {
        may([&] {
            text = client_.read(built_in("Pod").path(namespace_, wish.pod) +
                                fmt::format("/log?container={}&tailLines={}&limitBytes={}{}",
                                            kube::percent_encode(wish.container), lines, log_bytes,
                                            wish.previous ? "&previous=true" : ""));
        });
    } catch (const Error& error) {  // such as a kubelet that is gone, which may be the very cause
        if (error.general || error.kind == ErrorKind::bug) throw;
        out_.unread.push_back(error.message);
    }
    return text;
}

bool Gatherer::lacks_pods() const {
    for (const Json* owner : workload_objects(out_)) {
        const auto wanted = wanted_pods(*owner);
        const std::string uid = kube::meta(*owner, "uid");
        if (wanted && std::ranges::count_if(out_.pods, [&](const Json& pod) { return owned_by(pod, uid); }) < *wanted)
            return true;
    }
    return out_.pods.empty();
}

void Gatherer::read_quotas() {
    if (succeeded(out_.root) || failed(out_.root) || !lacks_pods()) return;
    out_.quotas = list(built_in("ResourceQuota"));
}

Snapshot gather(kube::KubeClient& client, const std::string& in_namespace, const std::string& name) {
    return Gatherer(client, in_namespace).gather(name);
}

}  // namespace ktrain::advice
