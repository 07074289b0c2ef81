// Rules of GPUs and the nodes that have them (KG).
#pragma once

#include <array>

#include "core/lint/rule.h"

namespace ktrain::lint {

inline constexpr std::array gpu_rules{
    Rule{"KG101", "gpu-limit", Severity::error, "pod templates",
         "extended resources (nvidia.com/gpu and the like) without a limit, with a request other than the limit, or in "
         "fractions",
         "devices cannot be overcommitted: the API server refuses the pod",
         "write the resource under limits alone, as a whole number; the request follows",
         "kubernetes pkg/apis/core/validation, ValidateContainerResourceRequirements", check_extended_resources},
    Rule{"KG111", "cpu-mem-missing", Severity::warning, "pod templates",
         "containers with a GPU that set no CPU or memory",
         "the pod shares CPU with its neighbours and is the first to be killed when memory runs short, while its GPU "
         "waits",
         "set cpu and memory under limits; requests follow the limits where they are not set",
         "Kubernetes documentation, Resource Management for Pods and Containers", check_gpu_cpu_memory},
};

}  // namespace ktrain::lint
