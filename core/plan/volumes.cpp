// Claims, mounts and paths of a plan, and the warnings about them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/plan/checks.h"

namespace ktrain {
namespace {

constexpr std::array volumes_of_pod{volume_output, volume_shm, volume_spec, volume_tmp};
constexpr std::array<std::string_view, 7> folders_of_pod{"/",     "/dev", shm_folder, spec_folder,
                                                         "/proc", "/sys", tmp_folder};

bool holds(const std::string& folder, const std::string& path) {
    return path == folder || path.starts_with(folder + "/");
}

void check_mount(const VolumeSpec& volume, const std::string& path) {
    const std::string& mount = volume.mount_path;
    if (!mount.starts_with('/') || mount.find(':') != std::string::npos || mount.find("..") != std::string::npos)
        throw input_error(path, fmt::format("\"{}\" is no absolute path", printable(mount)), "write it as /data");
    if (std::ranges::find(folders_of_pod, path_in_pod(mount)) != folders_of_pod.end())
        throw input_error(path, fmt::format("{} belongs to the pod itself", mount),
                          "mount the volume elsewhere, such as at /data");
}

void check_claim(const VolumeSpec& volume, const std::string& path) {
    check_label(volume.claim, path + ".claim");
    if (std::ranges::find(volumes_of_pod, volume.claim) != volumes_of_pod.end())
        throw input_error(path + ".claim",
                          fmt::format("the name {} is taken by a volume of the pod itself", volume.claim),
                          "give the claim another name");
    if (volume.size.empty()) return;
    const auto size = Quantity::parse(volume.size);
    if (!size || *size <= Quantity())
        throw input_error(path + ".size", fmt::format("\"{}\" is no size of a volume", printable(volume.size)),
                          Quantity::suggest(volume.size).empty()
                              ? "write it as 100Gi"
                              : "did you mean " + Quantity::suggest(volume.size) + "?");
}

void check_pair(const VolumeSpec& volume, const VolumeSpec& other, const std::string& path) {
    if (path_in_pod(volume.mount_path) == path_in_pod(other.mount_path))
        throw input_error(path + ".mount_path", fmt::format("two volumes are mounted at {}", volume.mount_path));
    if (volume.claim == other.claim && !volume.size.empty() && !other.size.empty())
        throw input_error(path + ".size", fmt::format("the claim {} is created twice", volume.claim),
                          "give its size once");
}

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

}  // namespace

std::string path_in_pod(const std::string& path) {
    std::string clean = (std::filesystem::path(working_folder) / path).lexically_normal().generic_string();
    while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
    return clean;
}

const VolumeSpec* volume_of(const TrainingSpec& spec, const std::string& path) {
    const VolumeSpec* nearest_volume = nullptr;
    for (const VolumeSpec& volume : spec.cluster.volumes) {
        const bool nearer = nearest_volume == nullptr || volume.mount_path.size() > nearest_volume->mount_path.size();
        if (nearer && holds(path_in_pod(volume.mount_path), path_in_pod(path))) nearest_volume = &volume;
    }
    return nearest_volume;
}

void check_volumes(const TrainingSpec& spec) {
    const auto& volumes = spec.cluster.volumes;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const std::string path = join_path("cluster.volumes", i);
        check_mount(volumes[i], path + ".mount_path");
        check_claim(volumes[i], path);
        for (std::size_t other = 0; other < i; ++other) check_pair(volumes[i], volumes[other], path);
        if (spec.resources.nodes > 1 && volumes[i].access == "ReadWriteOncePod")
            throw input_error(
                path + ".access",
                fmt::format("the claim {} serves one pod, the job has {}", volumes[i].claim, spec.resources.nodes),
                "use ReadWriteMany");
    }
    const VolumeSpec* output = volume_of(spec, spec.output_dir);
    if (output != nullptr && output->read_only)
        throw input_error("output_dir", fmt::format("{} is on the read-only volume {}", spec.output_dir, output->claim),
                          "write to another volume, or leave read_only out");
    if (output == nullptr && std::ranges::find(folders_of_pod, path_in_pod(spec.output_dir)) != folders_of_pod.end())
        throw input_error("output_dir", fmt::format("{} belongs to the pod itself", path_in_pod(spec.output_dir)),
                          "name a folder of its own, such as /output");
}

Diagnostics plan_warnings(const TrainingSpec& spec) {
    Diagnostics warnings;
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
