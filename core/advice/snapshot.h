// What is known of a workload at one moment: its objects, events and ends of logs, as the API has them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/advice/finding.h"
#include "core/base/json.h"
#include "core/kube/timestamp.h"

namespace ktrain::advice {

struct LogTail {
    std::string pod, container;
    std::string text;  // the last lines of the last instance that ended
};

// Lists that were not asked for, or may not be read, are absent: nothing is concluded from them then.
struct Snapshot {
    Json root;                 // the workload: a Job, a JobSet, ..., a bare Pod
    std::vector<Json> owners;  // between it and its pods, and groups and queue entries (PodGroup, Workload)
    std::vector<Json> pods;
    std::vector<Json> events;  // of the namespace
    std::optional<std::vector<Json>> nodes;
    bool all_nodes = false;                      // else only those that the pods are on
    std::set<std::string> absent_nodes;          // that pods are on, and that are not there
    std::set<std::string> strangers;             // uids of objects that were read and are another workload's
    std::set<std::string> absent_device_claims;  // ResourceClaims that pods name
    std::optional<std::vector<Json>> quotas, claims, classes, volumes;
    std::optional<Json> service;        // the root, or the one that should lead to the pods of a Deployment
    std::set<std::string> near_labels;  // that pods have in place of those that the service selects
    std::map<std::string, std::vector<Json>> neighbours;  // pods of all namespaces on a node that is full
    std::vector<LogTail> logs;
    std::string queue_position;       // "3 of 7 in queue team", from Kueue
    std::set<std::string> unserved;   // group/kind that the cluster does not serve
    std::vector<std::string> unread;  // what may not be read, and why: for the user
    kube::Time now;

    const std::string namespace_() const {
        return string_or(root.contains("metadata") ? root["metadata"] : root, "namespace");
    }
};

// The controller of an object: kind, name, uid; empty without one.
struct OwnerRef {
    std::string api_version, kind, name, uid;
};
OwnerRef controller_of(const Json& object);

// The object of that name in a list; null without one, or where the list was not read.
const Json* named(const std::optional<std::vector<Json>>& list, const std::string& name);

// A node by its name, where it was read; whether it is known not to be there.
const Json* find_node(const Snapshot& snapshot, const std::string& name);
bool lacks_node(const Snapshot& snapshot, const std::string& name);

// Whether the object has all these labels, as a Service selects its pods.
bool has_labels(const Json& object, const Json& labels);

// Whether volumes of a class are made when a claim asks for one, as far as is known; those of no class are not.
bool provides_volumes(const Snapshot& snapshot, const std::string& storage_class);

// The root and the owners.
std::vector<const Json*> workload_objects(const Snapshot& snapshot);

// What happened to a pod's containers, the ones that run first.
struct Container {
    std::string name, image;
    bool init = false;
    const Json* spec = nullptr;    // in the pod's spec
    const Json* status = nullptr;  // null before the kubelet wrote one
};
std::vector<Container> containers_of(const Json& pod);

std::string phase_of(const Json& pod);
std::optional<kube::Time> time_at(const Json& object, std::initializer_list<std::string_view> keys);
// How long ago that was; very long when it is not known.
std::chrono::seconds age(const Snapshot& snapshot, const std::optional<kube::Time>& time);
// The condition of that type, or null.
const Json& condition_of(const Json& object, std::string_view type);
std::int64_t number_at(const Json& object, std::initializer_list<std::string_view> keys, std::int64_t fallback = 0);

// Whether the workload has come to a good end, or to a bad one. From its own status; of a Pod from its phase.
bool succeeded(const Json& workload);
bool failed(const Json& workload);

// "rank 3" of a pod's place in its job, or its name's index; empty when it has none.
std::string place_of(const Json& pod);

// The place that a pod takes in its workload, and its successor after it: its rank, or the only one at a time of its
// Job; empty: it has none.
std::string slot_of(const Snapshot& snapshot, const Json& pod);

// Pods without those that another pod has replaced: the newest of each place; of pods without a place, failed ones are
// replaced when the job has as many others as it wants.
std::vector<const Json*> current_pods(const Snapshot& snapshot);

// The pods that a workload wants at a time; nothing where its kind does not tell.
std::optional<std::int64_t> wanted_pods(const Json& owner);

}  // namespace ktrain::advice
