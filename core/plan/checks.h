// What must hold for a spec to become a plan; each check throws Error{input} with the path in the spec.
#pragma once

#include <string>
#include <string_view>

#include "core/base/diagnostic.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

namespace ktrain {

// Both begin their message with the path.
Error input_error(const std::string& path, const std::string& message, std::string hint = "");
Diagnostic warning(const std::string& path, const std::string& message, std::string fix);

// Names of the pods' own volumes, which no claim may have.
inline constexpr std::string_view volume_spec = "ktrain-spec";
inline constexpr std::string_view volume_shm = "ktrain-shm";
inline constexpr std::string_view volume_tmp = "ktrain-tmp";
inline constexpr std::string_view volume_output = "ktrain-output";

// Where they are mounted, and where relative paths of the spec begin.
inline constexpr std::string_view spec_folder = "/etc/ktrain";
inline constexpr std::string_view shm_folder = "/dev/shm";
inline constexpr std::string_view tmp_folder = "/tmp";
inline constexpr std::string_view working_folder = "/workspace";

// A path of the spec as the pod sees it: absolute, without "." and "..".
std::string path_in_pod(const std::string& path);

// The volume that holds `path` inside the pod; nullptr when none does.
const VolumeSpec* volume_of(const TrainingSpec& spec, const std::string& path);

// A name that Kubernetes takes as a DNS label of at most `most` letters.
void check_label(const std::string& name, const std::string& path, std::size_t most = 63);

void check_names(const TrainingSpec& spec);        // lengths and letters of all that is named after the job; labels
void check_environment(const TrainingSpec& spec);  // names of variables, each once, no secrets written out
void check_volumes(const TrainingSpec& spec);      // claims and mounts, apart from each other and from the pod's own
void check_quota(const Plan& plan);                // the whole job fits the quota of its namespace

// What works but is probably not wanted.
Diagnostics plan_warnings(const TrainingSpec& spec);

}  // namespace ktrain
