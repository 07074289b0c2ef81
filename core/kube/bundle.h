// The objects of one submission in the order of applying, each with what ties it to its job.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/labels.h"
#include "core/kube/workload_kind.h"

namespace ktrain::kube {

// In the order of applying: what outlives the job, the job, what goes with it.
enum class Role { shared, job, owned };

struct BundleObject {
    Json object;
    Resource resource;
    std::string name, namespace_;
    std::string label;  // "configmap/cnn-spec"
    Role role = Role::shared;
    const WorkloadKind* kind = nullptr;  // of a job
    std::string owner;                   // owned: the job's name
    std::string owner_label;             // owned: "pytorchjob.kubeflow.org/cnn"

    // Whether it serves that job alone, and goes with it.
    bool belongs_to(const BundleObject& job) const {
        return role == Role::owned && owner_label == job.label && namespace_ == job.namespace_;
    }
    // A job that can be made without that its pods are.
    bool can_be_held() const;
};

// What can be said of an object without a server. Errors: Error{input} for what is no object, has no name, or one that
// can be none.
void check_object(const Json& object);

// Jobs are the workloads of all kinds. Namespaces come first. Objects without a namespace go to `default_namespace`; a
// job without a digest gets one of its manifest. What is labelled with a job's name belongs to it; of two jobs of one
// name, to the first. Errors: Error{input} for what is no object, has no name, or names no kind of this server.
std::vector<BundleObject> make_bundle(KubeClient& client, std::vector<Json> objects,
                                      const std::string& default_namespace);

// Whether an object on the server may be taken for one that serves the job of that name alone.
bool serves_job(const Json& there, std::string_view job);

}  // namespace ktrain::kube
