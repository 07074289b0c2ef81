// Workloads of all kinds on a cluster: one by its name, all of a namespace, and what each has made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kube/workload_state.h"

namespace ktrain::kube {

struct Workload {
    const WorkloadKind* kind = nullptr;
    Resource resource;
    Json object;

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
// server does not have, or that may not be read, do not count. Errors: Error{not_found}; Error{input} when the name is
// ambiguous, naming all; Error{denied} when nothing may be read.
Workload find_workload(KubeClient& client, const std::string& in_namespace, const WorkloadName& name);

struct WorkloadList {
    std::vector<Workload> items;          // by namespace, name, kind; without those that another one of them made
    std::vector<std::string> unreadable;  // sentences: kinds that may not be listed
};

// All workloads of a namespace (of all when it is empty) that match a label selector. Errors: Error{usage} for
// what is no selector; Error{denied} when no kind may be listed; others as KubeClient::list.
WorkloadList list_workloads(KubeClient& client, const std::string& in_namespace, const std::string& labels);

struct OwnerTree {
    std::vector<Json> objects;  // the workload, then what it made, its pods last; with apiVersion and kind
    std::vector<std::string> unreadable;

    std::vector<Json> pods() const;
};

// What a workload has made, found by labels where its kind has them, else among the Jobs and pods of the namespace; an
// owner reference decides whether it is its own. One request a kind; none for the pods where the caller has `all_pods`
// of the namespace.
OwnerTree owner_tree(KubeClient& client, const std::string& in_namespace, const Json& workload,
                     const std::vector<Json>* all_pods = nullptr);

}  // namespace ktrain::kube
