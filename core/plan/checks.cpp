// Names, volumes and quota of a plan, and the warnings about them.
#include "core/plan/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/spec/idle_settings.h"
#include "core/spec/pod_folders.h"
#include "core/spec/read.h"
#include "core/spec/trainer_limits.h"

namespace ktrain {
namespace {

using spec::warning;

// Data that neither a volume nor the image is sure to have.
void warn_of_path(const TrainingSpec& spec, const std::string& path, const std::string& field, Diagnostics& warnings) {
    if (volume_of(spec, path) != nullptr) return;
    warnings.push_back(warning(field,
                               fmt::format("{} is on no volume of the pods: the image must have it", path_in_pod(path)),
                               "add a volume to cluster.volumes"));
}

bool mutable_image(const std::string& image) {
    if (image.find('@') != std::string::npos) return false;
    const std::string name = image.substr(image.rfind('/') + 1);
    return name.find(':') == std::string::npos || name.ends_with(":latest");
}

Quantity created_storage(const TrainingSpec& spec) {
    Quantity total;
    for (const VolumeSpec& volume : spec.cluster.volumes)
        if (!volume.size.empty()) total = total + Quantity::parse(volume.size).value_or(Quantity());
    return total;
}

}  // namespace

Error input_error(const std::string& path, const std::string& message, std::string hint) {
    return Error(ErrorKind::input, path + ": " + message, {"", 0, 0, path}, std::move(hint));
}

void check_names(const TrainingSpec& spec) {
    if (spec.cluster.image.empty())
        throw input_error("cluster.image", "the image is missing", "set it to a container image with ktrain");
    for (const auto& [key, value] : spec.metadata.labels)
        if (key.starts_with("ktrain.dev/"))
            throw input_error(join_path("metadata.labels", key), key + " is set by ktrain itself",
                              "choose another key");
}

void check_volumes(const TrainingSpec& spec) {
    constexpr std::array taken{volume_output, volume_shm, volume_spec, volume_tmp};
    const auto& volumes = spec.cluster.volumes;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const std::string path = join_path("cluster.volumes", i);
        const VolumeSpec& volume = volumes[i];
        if (std::ranges::find(taken, volume.claim) != taken.end())
            throw input_error(path + ".claim",
                              fmt::format("the name {} is taken by a volume of the pod itself", volume.claim),
                              "give the claim another name");
        for (std::size_t other = 0; other < i; ++other)
            if (volume.claim == volumes[other].claim && !volume.size.empty() && !volumes[other].size.empty())
                throw input_error(path + ".size", fmt::format("the claim {} is created twice", volume.claim),
                                  "give its size once");
    }
    if (volume_of(spec, spec.output_dir) == nullptr && belongs_to_pod(spec.output_dir))
        throw input_error("output_dir", fmt::format("{} belongs to the pod itself", path_in_pod(spec.output_dir)),
                          "name a folder of its own, such as /output");
}

void check_quota(const Plan& plan) {
    const Quantity cpu = plan.resources.cpu * plan.pods;
    const Quantity memory = plan.resources.memory * plan.pods;
    const Quantity pods = Quantity::of_units(plan.pods);
    const std::array<std::pair<std::string_view, Quantity>, 10> needs{{
        {"count/pods", pods},
        {"cpu", cpu},
        {"limits.cpu", cpu},
        {"limits.memory", memory},
        {"memory", memory},
        {"pods", pods},
        {"requests.cpu", cpu},
        {"requests.memory", memory},
        {"requests.nvidia.com/gpu", Quantity::of_units(plan.pods * plan.resources.gpus)},
        {"requests.storage", created_storage(plan.spec)},
    }};
    const StringMap& quota = plan.spec.cluster.quota;
    for (const auto& [key, need] : needs) {
        const auto limit = quota.find(std::string(key));
        if (limit == quota.end() || Quantity::parse(limit->second).value_or(Quantity()) >= need) continue;
        throw input_error(join_path("cluster.quota", std::string(key)),
                          fmt::format("a quota of {} is less than the {} of this job: it could never run",
                                      limit->second, need.text()),
                          "raise the quota, or ask for less in resources");
    }
}

bool counts_nothing(std::string_view quota_name) {
    return quota_name.starts_with("limits.") && quota_name.find('/') != std::string_view::npos;
}

Diagnostics plan_warnings(const TrainingSpec& spec) {
    Diagnostics warnings = spec::trainer_warnings(spec);
    for (Diagnostic& idle : spec::idle_settings(spec)) warnings.push_back(std::move(idle));
    for (const auto& [name, amount] : spec.cluster.quota)
        if (counts_nothing(name))
            warnings.push_back(warning(join_path("cluster.quota", name),
                                       name + " has no effect in a quota and is left out",
                                       "write requests." + name.substr(name.find('.') + 1)));
    if (volume_of(spec, spec.output_dir) == nullptr)
        warnings.push_back(warning(
            "output_dir",
            fmt::format("{} is on no volume: the trained model is lost with its pod", path_in_pod(spec.output_dir)),
            "add a volume to cluster.volumes"));
    const std::string& model = spec.model.model_name_or_path;
    if (!spec.data.dataset_path.empty()) warn_of_path(spec, spec.data.dataset_path, "data.dataset_path", warnings);
    if (model.starts_with('/') || model.starts_with('.'))
        warn_of_path(spec, model, "model.model_name_or_path", warnings);
    for (std::size_t i = 0; i < spec.cluster.volumes.size(); ++i) {
        const VolumeSpec& volume = spec.cluster.volumes[i];
        if (spec.resources.nodes > 1 && !volume.size.empty() && volume.access == "ReadWriteOnce")
            warnings.push_back(warning(join_path("cluster.volumes", i) + ".access",
                                       fmt::format("the claim {} can be mounted on one node only, the job has {} pods",
                                                   volume.claim, spec.resources.nodes),
                                       "use ReadWriteMany"));
    }
    if (mutable_image(spec.cluster.image))
        warnings.push_back(warning("cluster.image", fmt::format("{} may change between two starts", spec.cluster.image),
                                   "name a version: IMAGE:TAG or IMAGE@sha256:DIGEST"));
    return warnings;
}

}  // namespace ktrain
