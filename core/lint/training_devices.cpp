// GPUs that are not asked for, asked for in vain, or chosen by hand past the device plugin.
#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

// Parts of image names of programs that watch or serve GPUs, and compute nothing on them.
constexpr std::array<std::string_view, 8> watchers{"dcgm-exporter", "gpu-exporter",          "gpu-feature-discovery",
                                                   "gpu-monitor",   "gpu_exporter",          "k8s-device-plugin",
                                                   "node-exporter", "node-feature-discovery"};

bool is_watcher(const Container& container) {
    const std::string image = lower(container.spot["image"].text());
    const std::string_view last = base_name(image);
    return std::ranges::any_of(watchers,
                               [&](std::string_view word) { return last.find(word) != std::string_view::npos; });
}

// Whether the container says that it wants the CPU.
bool says_cpu(const Container& container) {
    const Launch& launch = container.launch;
    for (const auto* options : {&launch.options, &launch.flags}) {
        for (const Option& option : *options) {
            const std::string_view name = option.name;
            const std::string value = lower(option.value);
            const bool no = value == "false" || value == "0" || value == "no";
            if (!no && (name == "cpu" || name == "use_cpu" || name == "no_cuda")) return true;
            if (option.value == "gloo" || option.value == "cpu") return true;
        }
    }
    return container.env("CUDA_VISIBLE_DEVICES") || container.env_text("ACCELERATE_USE_CPU") == "true";
}

// Devices besides GPUs that compute: TPUs, NPUs, parts of GPUs under names of their own.
bool has_accelerator(const Container& container) {
    for (const char* amounts : {"limits", "requests"}) {
        for (const yaml::Entry& entry : container.resources[amounts].members()) {
            const std::string name = yaml::key_text(entry.key);
            const bool network = name.find("rdma") != std::string::npos || name.find("efa") != std::string::npos ||
                                 name.find("roce") != std::string::npos || name.find("hca") != std::string::npos;
            if (is_extended_resource(name) && !network) return true;
        }
    }
    return false;
}

// A GPU is meant though none is asked for.
bool wants_gpu(const Training& training, const PodGroup& group, const Container& container) {
    const Launch& launch = container.launch;
    if (says_cpu(container) || has_accelerator(container)) return false;
    if (launch.launcher == Launcher::ktrain || launch.launcher == Launcher::mpirun)
        return mentions_nodes(group, "nvidia.com/");
    if (launch.is_distributed() || training.work.is("PyTorchJob", "kubeflow.org")) return true;
    return launch.flag({"per_device_train_batch_size", "resume_from_checkpoint", "bf16", "fp16"}) != nullptr;
}

void check_missing(const Training& training) {
    if (!training.work.trains || training.work.has_gpu() || !training.work.batch()) return;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer == nullptr || !group.spec || !wants_gpu(training, group, *trainer)) continue;
        training.add("KG102", trainer->spot["resources"].key_place(),
                     "container " + shown(trainer->name()) + " trains and asks for no GPU",
                     "add nvidia.com/gpu: 1 under resources.limits, or say that the CPU is meant (--use_cpu, gloo)");
        return;
    }
}

void check_watcher(const Training& training, const PodGroup& group, const Container& container) {
    const bool each_node = training.work.is("DaemonSet", "apps");
    if (!container.has_gpu() || !is_watcher(container)) return;
    const Spot limit = container.spot["resources"]["limits"][container.device];
    const Spot request = container.spot["resources"]["requests"][container.device];
    Diagnostic& found =
        training.add("KG103", (limit ? limit : request).key_place(),
                     "container " + shown(container.name()) + " watches GPUs and takes " +
                         (each_node ? "one of every node" : "one for itself") + ": nothing can train on it any more",
                     "remove " + std::string(container.device) + " from its resources",
                     each_node && group.containers.size() == 1 ? Severity::error : Severity::warning);
    for (const Spot& spot : {limit, request}) {
        if (spot) found.changes.push_back(removed(spot));
    }
}

Spot env_spot(const Container& container, std::string_view name) {
    for (const Spot& entry : container.spot["env"].items()) {
        if (entry["name"].text() == name) return entry;
    }
    return {};
}

void check_nvidia_devices(const Training& training, const Container& container) {
    const std::string_view value = container.env_text("NVIDIA_VISIBLE_DEVICES");
    if (value.empty() || value == "none" || value == "void" || is_watcher(container)) return;
    const Spot entry = env_spot(container, "NVIDIA_VISIBLE_DEVICES");
    Diagnostic& found = training.add(
        "KG104", entry.place(),
        "NVIDIA_VISIBLE_DEVICES gives container " + shown(container.name()) + " GPUs past the device plugin");
    if (container.gpus > 0) found.changes.push_back(removed(entry));  // else they are all it has
}

// "0,1,2": 3; nothing for what chooses none ("", "-1").
std::int64_t devices_in(std::string_view list) {
    if (list.empty() || list.starts_with('-')) return 0;
    return 1 + std::ranges::count(list, ',');
}

void check_cuda_devices(const Training& training, const Container& container) {
    const Container::Told told = container.told("CUDA_VISIBLE_DEVICES");
    const std::int64_t chosen = devices_in(told.value);
    if (chosen == 0 || told.value.starts_with('$') || (!container.has_gpu() && !training.work.is_training())) return;
    const Spot entry = told.at;
    const bool more = container.gpus > 0 && chosen > container.gpus;
    const bool in_command = !entry["name"];
    if (in_command && !more && !container.is_mig()) return;  // commands may share the GPUs among them
    std::string message = "CUDA_VISIBLE_DEVICES is set by hand: the container sees its own GPUs alone, from 0 on";
    if (more)
        message = "CUDA_VISIBLE_DEVICES names " + std::to_string(chosen) + " GPUs, and the container has " +
                  std::to_string(container.gpus);
    if (container.is_mig()) message = "CUDA_VISIBLE_DEVICES takes numbers of GPUs, and the container has parts (MIG)";
    Diagnostic& found = training.add("KG105", entry.place(), message);
    // Who names fewer than the container has wants fewer.
    if (!in_command && (container.gpus == 0 || chosen >= container.gpus)) found.changes.push_back(removed(entry));
}

void check_parts(const Training& training, const Container& container) {
    const Spot limits = container.spot["resources"]["limits"];
    if (container.is_mig()) {
        const Spot limit = limits[container.device];
        const bool ranks = container.launch.is_distributed() && training.work.gpus() > 1;
        if (container.gpus < 2 && !ranks) return;
        training.add("KG109", limit.place(),
                     ranks ? "NCCL joins no parts of GPUs (MIG), and the job has " +
                                 std::to_string(training.work.gpus()) + " of them"
                           : "container " + shown(container.name()) + " has " + std::to_string(container.gpus) +
                                 " parts of GPUs (MIG), and a process sees one",
                     "ask for one larger part, or for whole GPUs",
                     ranks && container.gpus > 1 ? Severity::error : Severity::warning);
    } else if (container.device.ends_with(".shared") && container.gpus > 1) {
        const Spot limit = limits[container.device];
        training
            .add("KG110", limit.place(),
                 std::to_string(container.gpus) +
                     " shares of GPUs are asked for: they may be of one GPU, and are not "
                     "more of it")
            .changes = limit ? std::vector{replaced(limit, 1)} : std::vector<Change>{};
    }
}

}  // namespace

void check_devices(Training& training) {
    check_missing(training);
    for (const PodGroup& group : training.work.groups) {
        for (const Container& container : group.containers) {
            check_watcher(training, group, container);
            check_nvidia_devices(training, container);
            check_cuda_devices(training, container);
            if (container.gpus > 0) check_parts(training, container);
        }
    }
}

}  // namespace ktrain::lint
