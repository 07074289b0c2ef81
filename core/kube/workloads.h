// Workloads of all kinds on a cluster: one by its name, all of a namespace, and what each has made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kube/workload_state.h"

namespace ktrain::kube {

// Kinds that could not be read, a sentence each.
struct UnreadKinds {
    std::vector<std::string> denied;   // for want of the right
    std::vector<std::string> failing;  // the server has others, but fails at these

    bool empty() const { return denied.empty() && failing.empty(); }
};

struct Workload {
    const WorkloadKind* kind = nullptr;
    Resource resource;
    Json object;
    std::vector<std::string> unread = {};  // of a search: kinds that failed, and may have one of this name too

    std::string name() const { return meta(object, "name"); }
    std::string uid() const { return meta(object, "uid"); }
    std::string label() const { return resource.label(name()); }  // "pytorchjob.kubeflow.org/cnn"
};

// What the command line says: NAME, KIND/NAME or KIND.GROUP/NAME.
struct WorkloadName {
    std::vector<const WorkloadKind*> kinds;  // that it may be of; empty: any
    std::string name;
};

// Errors: Error{input} for a kind that is none, with the nearest one, and for what cannot be a name.
WorkloadName parse_workload_name(const std::string& text);

// The workload of that name. Of several the one that made the others (a TrainJob its JobSet) is meant. Kinds that this
// server does not have, or that may not be read, do not count. Errors: Error{not_found}; Error{unreachable} when it is
// not there as far as is known; Error{input} when the name is ambiguous, naming all; that of a kind when no kind can be
// read.
Workload find_workload(KubeClient& client, const std::string& in_namespace, const WorkloadName& name);

// After a write with the workload's uid was refused: whether that is because another one has its name by now.
bool is_replaced(KubeClient& client, const std::string& in_namespace, const Workload& workload, const Error& refusal);

struct WorkloadList {
    std::vector<Workload> items;  // by namespace, name, kind; without those that another one of them made
    UnreadKinds unread;
};

// All workloads of a namespace (of all when it is empty) that match a label selector. Errors: Error{usage} for
// what is no selector; that of a kind when no kind can be listed; others as KubeClient::list.
WorkloadList list_workloads(KubeClient& client, const std::string& in_namespace, const std::string& labels);

struct OwnerTree {
    std::vector<Json> objects;  // the workload, then what it made, its pods last; with apiVersion and kind
    std::vector<std::string> unreadable;
    bool incomplete = false;  // the server failed at one of the kinds

    std::vector<Json> pods() const;
};

// What a workload has made, found by labels where its kind has them, else among the Jobs and pods of the namespace; an
// owner reference decides whether it is its own. One request a kind; none for the pods where the caller has `all_pods`
// of the namespace.
OwnerTree owner_tree(KubeClient& client, const std::string& in_namespace, const Json& workload,
                     const std::vector<Json>* all_pods = nullptr);

}  // namespace ktrain::kube
