// The objects of one submission in the order of applying, each with what ties it to its job.
#include "core/kube/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/digest.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

void give_digest(Json& job) {
    if (!label_value(job, label_digest).empty()) return;
    const std::string digest = sha256(job.dump(-1, ' ', false, Json::error_handler_t::replace)).substr(0, 16);
    job["metadata"]["labels"][std::string(label_digest)] = digest;
}

BundleObject make_object(KubeClient& client, Json object, const std::string& default_namespace) {
    check_object(object);
    BundleObject out;
    out.name = meta(object, "name");
    out.resource = client.resource(string_or(object, "apiVersion"), string_or(object, "kind"));
    if (out.resource.namespaced) {
        out.namespace_ = meta(object, "namespace");
        if (out.namespace_.empty()) object["metadata"]["namespace"] = out.namespace_ = default_namespace;
        out.owner = label_value(object, label_job);
    }
    out.label = out.resource.label(out.name);
    out.kind = workload_kind(out.resource.group, out.resource.kind);
    if (out.kind != nullptr) {
        out.role = Role::job;
        give_digest(object);
    }
    out.object = std::move(object);
    return out;
}

}  // namespace

void check_object(const Json& object) {
    const std::string kind = string_or(object, "kind"), api_version = string_or(object, "apiVersion");
    if (!object.is_object() || kind.empty() || api_version.empty())
        throw Error(ErrorKind::input,
                    "there is a document that is no Kubernetes object: it has no apiVersion and kind");
    for (const auto& [part, value] : {std::pair{"metadata", &at_path(object, {"metadata"})},
                                      std::pair{"metadata.labels", &at_path(object, {"metadata", "labels"})},
                                      std::pair{"metadata.annotations", &at_path(object, {"metadata", "annotations"})},
                                      std::pair{"spec", &at_path(object, {"spec"})}})
        if (!value->is_null() && !value->is_object())
            throw Error(ErrorKind::input, fmt::format("{} of a {} is no mapping", part, printable(kind)));
    if (meta(object, "name").empty())
        throw Error(ErrorKind::input, fmt::format("there is a {} without metadata.name", printable(kind)), {},
                    "give it a name");
    // For its refusal of what can be no part of a path.
    Resource{.group = {}, .version = {}, .kind = kind, .plural = {}, .namespaced = false}.path("",
                                                                                               meta(object, "name"));
}

bool BundleObject::can_be_held() const {
    if (kind == nullptr || !kind->can_suspend()) return false;
    // KubeRay refuses to suspend one that keeps its cluster. Source: ValidateRayJobSpec of KubeRay 1.4.
    const Json& spec = at_path(object, {"spec"});
    return kind->shape != StatusShape::ray ||
           (at_path(spec, {"shutdownAfterJobFinishes"}) == true && at_path(spec, {"clusterSelector"}).empty());
}

std::vector<BundleObject> make_bundle(KubeClient& client, std::vector<Json> objects,
                                      const std::string& default_namespace) {
    std::vector<BundleObject> bundle;
    std::map<std::pair<std::string, std::string>, std::string> jobs;  // labels by namespace and name
    for (Json& object : objects) {
        bundle.push_back(make_object(client, std::move(object), default_namespace));
        const BundleObject& one = bundle.back();
        if (one.role == Role::job) jobs.insert({{one.namespace_, one.name}, one.label});
    }
    for (BundleObject& one : bundle) {
        const auto job = jobs.find({one.namespace_, one.owner});
        if (one.role != Role::shared || job == jobs.end()) continue;
        one.role = Role::owned;
        one.owner_label = job->second;
    }
    std::ranges::stable_sort(bundle, {}, [](const BundleObject& one) {
        return one.resource.kind == "Namespace" ? -1 : static_cast<int>(one.role);
    });
    return bundle;
}

bool serves_job(const Json& there, std::string_view job) {
    if (label_value(there, label_job) == job) return true;
    const Json& owners = at_path(there, {"metadata", "ownerReferences"});
    return std::any_of(owners.begin(), owners.end(), [&](const Json& owner) {
        return workload_kind(owner) != nullptr && string_or(owner, "name") == job;
    });
}

}  // namespace ktrain::kube
