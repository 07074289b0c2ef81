// Keys of the labels that tie Kubernetes objects to their training job: what renders them and what follows them agree.
#pragma once

#include <string_view>

namespace ktrain {

// On the job, its pods and every object that serves it alone and goes with it; never on shared ones. Its value is the
// job's name.
inline constexpr std::string_view label_job = "ktrain.dev/job";
// On every workload that ktrain has written or submitted: tells whether a job of the same name is the same job. The
// first 16 digits of the digest of its spec.
inline constexpr std::string_view label_digest = "ktrain.dev/spec-digest";

}  // namespace ktrain
