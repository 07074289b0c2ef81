// The pods of a TrainJob, which has no template of its own: those of its runtime, with what it says instead.
#include "core/kube/train_job.h"

#include <algorithm>

#include "core/kube/fields.h"
#include "core/kube/resource.h"

namespace ktrain::kube {
namespace {

constexpr std::string_view trainer = "node";  // the job of the pods that train, and their container
constexpr int most = 1'000'000;

// What decides on which node a pod may be.
void choose_nodes(Json& pod, const Json& patch) {
    for (const char* key : {"nodeSelector", "affinity"})
        if (at_path(patch, {key}).is_object()) pod[key].merge_patch(patch[key]);
    if (!pod["tolerations"].is_array()) pod["tolerations"] = Json::array();
    for (const Json& one : at_path(patch, {"tolerations"})) pod["tolerations"].push_back(one);
}

// The three forms that the API has had: podSpecOverrides, podTemplateOverrides and runtimePatches.
void apply_patches(Json& pod, const Json& spec, const std::string& job) {
    for (const char* form : {"podSpecOverrides", "podTemplateOverrides"})
        for (const Json& one : at_path(spec, {form}))
            for (const Json& target : at_path(one, {"targetJobs"}))
                if (string_or(target, "name") == job)
                    choose_nodes(pod, one.contains("spec") ? at_path(one, {"spec"}) : one);
    for (const Json& one : at_path(spec, {"runtimePatches"}))
        for (const Json& patch : at_path(one, {"trainingRuntimeSpec", "template", "spec", "replicatedJobs"}))
            if (string_or(patch, "name") == job)
                choose_nodes(pod, at_path(patch, {"template", "spec", "template", "spec"}));
}

void give_resources(Json& pod, const Json& resources) {
    if (!resources.is_object() || !at_path(pod, {"containers"}).is_array()) return;
    for (Json& container : pod["containers"])
        if (string_or(container, "name") == trainer) container["resources"] = resources;
}

}  // namespace

RuntimeRef runtime_of(const Json& train_job) {
    const Json& ref = at_path(train_job, {"spec", "runtimeRef"});
    return {string_or(ref, "kind", "ClusterTrainingRuntime"), string_or(ref, "name")};
}

std::vector<PodCount> pods_of_train_job(const Json& train_job, const Json& runtime) {
    const Json& spec = at_path(train_job, {"spec"});
    const Json& resources = at_path(spec, {"trainer", "resourcesPerNode"});
    const int by_default = int_at(runtime, {"spec", "mlPolicy", "numNodes"}, 1);
    const std::int64_t nodes = std::clamp(int_at(spec, {"trainer", "numNodes"}, by_default), 0, most);
    std::vector<PodCount> out;
    const Json& jobs = at_path(runtime, {"spec", "template", "spec", "replicatedJobs"});
    const bool launched = at_path(runtime, {"spec", "mlPolicy", "mpi", "runLauncherAsNode"}) == true;
    for (const Json& job : jobs) {
        const std::string name = string_or(job, "name");
        if (name.ends_with("-initializer")) continue;
        PodCount some{at_path(job, {"template", "spec", "template", "spec"}), 1};
        if (!some.spec.is_object()) continue;
        if (name == trainer)
            some.count = std::max<std::int64_t>(0, nodes - launched);
        else
            some.count = std::clamp(int_at(job, {"replicas"}, 1), 0, most);
        give_resources(some.spec, resources);
        apply_patches(some.spec, spec, name);
        out.push_back(std::move(some));
    }
    if (out.empty() && at_path(spec, {"trainer"}).is_object()) {
        PodCount some{{{"containers", Json::array({{{"name", trainer}, {"resources", resources}}})}}, nodes};
        apply_patches(some.spec, spec, std::string(trainer));
        out.push_back(std::move(some));
    }
    return out;
}

}  // namespace ktrain::kube
