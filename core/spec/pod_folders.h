// The folders of a training pod: its own, and those of the spec's volumes.
#pragma once

#include <string>
#include <string_view>

#include "core/spec/spec.h"

namespace ktrain {

// Names of the pods' own volumes, which no claim may have.
inline constexpr std::string_view volume_output = "ktrain-output";
inline constexpr std::string_view volume_shm = "ktrain-shm";
inline constexpr std::string_view volume_spec = "ktrain-spec";
inline constexpr std::string_view volume_tmp = "ktrain-tmp";

// Where they are mounted, and where relative paths of the spec begin.
inline constexpr std::string_view shm_folder = "/dev/shm";
inline constexpr std::string_view spec_folder = "/etc/ktrain";
inline constexpr std::string_view tmp_folder = "/tmp";
inline constexpr std::string_view working_folder = "/workspace";

bool belongs_to_pod(const std::string& path);  // one of these folders or of the system's

// A path of the spec as the pod sees it: absolute, without "." and "..".
std::string path_in_pod(const std::string& path);

// The volume that holds `path` inside the pod; nullptr when none does.
const VolumeSpec* volume_of(const TrainingSpec& spec, const std::string& path);

}  // namespace ktrain
