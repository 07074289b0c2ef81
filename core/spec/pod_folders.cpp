// Where paths of the spec end up inside a pod.
#include "core/spec/pod_folders.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace ktrain {
namespace {

bool holds(const std::string& folder, const std::string& path) {
    return path == folder || path.starts_with(folder + "/");
}

}  // namespace

bool belongs_to_pod(const std::string& path) {
    constexpr std::array<std::string_view, 7> taken{"/", "/dev", shm_folder, spec_folder, "/proc", "/sys", tmp_folder};
    return std::ranges::find(taken, path_in_pod(path)) != taken.end();
}

std::string path_in_pod(const std::string& path) {
    std::string clean = (std::filesystem::path(working_folder) / path).lexically_normal().generic_string();
    while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
    return clean;
}

const VolumeSpec* volume_of(const TrainingSpec& spec, const std::string& path) {
    const VolumeSpec* innermost = nullptr;
    for (const VolumeSpec& volume : spec.cluster.volumes) {
        const bool deeper = innermost == nullptr || volume.mount_path.size() > innermost->mount_path.size();
        if (deeper && holds(path_in_pod(volume.mount_path), path_in_pod(path))) innermost = &volume;
    }
    return innermost;
}

}  // namespace ktrain
