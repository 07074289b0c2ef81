// Rules of GPUs and the nodes that have them (KG).
#pragma once

#include <array>

#include "core/lint/training.h"

namespace ktrain::lint {

inline constexpr std::array gpu_rules{
    Rule{"KG101", "gpu-limit", Severity::error, "pod templates",
         "extended resources (nvidia.com/gpu and the like) without a limit, with a request other than the limit, in "
         "fractions, or of a name that is nearly that of a device",
         "devices cannot be overcommitted: the API server refuses the pod",
         "write the resource under limits alone, as a whole number; the request follows",
         "kubernetes pkg/apis/core/validation, ValidateContainerResourceRequirements", check_extended_resources},
    Rule{
        "KG102", "gpu-none", Severity::warning, "training workloads",
        "a training that asks for no GPU, no part of one and no resource claim, and does not say that it wants the CPU",
        "it gets none, or, where the container runtime is set up so, all GPUs of the node, among them those of others",
        "write nvidia.com/gpu under resources.limits", "NVIDIA k8s-device-plugin, README", check_training},
    Rule{"KG103", "monitor-takes-gpu", Severity::error, "pod templates",
         "exporters and device plugins that ask for a GPU",
         "a DaemonSet that watches GPUs takes one on every node: no training can have it, and a quota of GPUs is spent "
         "on it",
         "remove the GPU from its resources: a watcher sees all GPUs without",
         "NVIDIA dcgm-exporter, dcgm-exporter.yaml", check_training, true},
    Rule{"KG104", "nvidia-visible-devices", Severity::warning, "pod templates",
         "NVIDIA_VISIBLE_DEVICES in the environment of a container",
         "the runtime gives the container the GPUs that the variable names, whoever they were given to",
         "remove the variable: the device plugin sets it", "NVIDIA k8s-device-plugin, README", check_training},
    Rule{"KG105", "cuda-visible-devices", Severity::warning, "workloads with GPUs",
         "CUDA_VISIBLE_DEVICES with numbers of GPUs",
         "the container has its own GPUs alone, numbered from 0 on: the variable can only hide some of them, or name "
         "some that are not there",
         "remove the variable", "CUDA C++ Programming Guide, CUDA Environment Variables", check_training},
    Rule{"KG106", "gpu-toleration", Severity::warning, "workloads with GPUs",
         "pods with GPUs that tolerate no taint of GPU nodes",
         "nodes with GPUs are often tainted so that other pods stay away: the pods would wait for ever",
         "tolerate nvidia.com/gpu, or the taint that your nodes have",
         "Amazon EKS Best Practices Guide, AI/ML, Compute", check_training, true},
    Rule{"KG107", "gpu-model-unpinned", Severity::warning, "training workloads",
         "a training that needs more memory than the GPU of some nodes that it may get has, or bfloat16 where a GPU "
         "has none",
         "the scheduler knows the number of GPUs and not their kind: the same job runs on one node and fails on the "
         "next",
         "select nodes by nvidia.com/gpu.product or by instance type",
         "NVIDIA gpu-feature-discovery, Generated Labels; docs/estimate.md", check_training},
    Rule{"KG108", "vram-fit", Severity::error, "training workloads",
         "a model that does not fit the GPUs that its pods select",
         "it ends with CUDA out of memory after the weights were loaded", "see: ktrain estimate --find",
         "docs/estimate.md", check_training},
    Rule{"KG109", "mig-multi", Severity::error, "workloads with GPUs",
         "several MIG devices in one container, or ranks of one training on MIG devices",
         "a process sees one MIG device, and NCCL connects none of them", "ask for one larger part, or for whole GPUs",
         "NVIDIA Multi-Instance GPU User Guide, Application Considerations", check_training},
    Rule{"KG110", "shared-gpu", Severity::warning, "workloads with GPUs", "more than one share of a shared GPU",
         "shares are turns on one GPU: more of them are no more memory and no more time", "ask for 1",
         "NVIDIA k8s-device-plugin, README, Shared Access to GPUs", check_training, true},
    Rule{"KG111", "cpu-mem-missing", Severity::warning, "pod templates",
         "containers with a GPU that set no CPU or memory",
         "the pod shares CPU with its neighbours and is the first to be killed when memory runs short, while its GPU "
         "waits",
         "set cpu and memory under limits; requests follow the limits where they are not set",
         "Kubernetes documentation, Resource Management for Pods and Containers", check_gpu_cpu_memory},
    Rule{"KG112", "cpu-per-gpu", Severity::info, "training workloads",
         "few CPUs, or little memory, beside the GPUs of a container",
         "loading and tokenizing of data, and weights on their way to the GPU and to checkpoints, hold up the GPUs",
         "give each GPU 4 CPUs or more, and as much memory as it has itself", "PyTorch Performance Tuning Guide",
         check_training},
    Rule{"KG113", "cpu-limit-throttle", Severity::info, "workloads with GPUs",
         "a CPU limit below the number of processes and loaders of data",
         "the kernel stops the loaders within each period once the limit is used, and the GPUs wait",
         "raise the CPU limit, or lower the number of loaders",
         "Kubernetes documentation, Resource Management for Pods and Containers", check_training},
    Rule{"KG114", "device-plugin-ds", Severity::warning, "DaemonSets", "a device plugin without priorityClassName",
         "the node evicts it under pressure like any pod, and no new pod gets a GPU there",
         "write priorityClassName: system-node-critical", "NVIDIA k8s-device-plugin, nvidia-device-plugin.yml",
         check_training, true},
};

}  // namespace ktrain::lint
