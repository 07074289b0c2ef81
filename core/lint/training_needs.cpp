// GPUs, memory and time against what the training needs: silent where the command does not say enough.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/gpus.h"
#include "core/lint/needs.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view product_label = "nvidia.com/gpu.product";

// Labels by which nodes with some GPU, or enough of its memory, are chosen.
constexpr std::array<std::string_view, 9> gpu_labels{
    product_label,
    "cloud.google.com/gke-accelerator",
    "k8s.amazonaws.com/accelerator",
    "karpenter.k8s.aws/instance-",
    "node.kubernetes.io/instance-type",
    "nvidia.com/gpu.compute",
    "nvidia.com/gpu.family",
    "nvidia.com/gpu.memory",
    "beta.kubernetes.io/instance-type",
};

bool chooses_gpu(const PodGroup& group) {
    return std::ranges::any_of(gpu_labels, [&](std::string_view label) { return mentions_nodes(group, label); });
}

std::shared_ptr<const Gpu> read_gpu(std::string_view name) {
    try {
        return std::make_shared<const Gpu>(find_gpu(name));
    } catch (const Error&) {
        return nullptr;
    }
}

// The smallest GPU that the product label allows; nullptr where one is not known.
std::shared_ptr<const Gpu> product_of(const Training& training, const PodGroup& group) {
    GpusByName& known = training.bundle.last->mine().gpus;
    std::shared_ptr<const Gpu> smallest;
    for (const std::string_view name : node_values(group, product_label)) {
        auto found = known.find(std::string(name));
        if (found == known.end()) found = known.emplace(std::string(name), read_gpu(name)).first;
        const std::shared_ptr<const Gpu>& gpu = found->second;
        if (gpu == nullptr) return nullptr;
        if (gpu->memory > 0 && (smallest == nullptr || gpu->memory < smallest->memory)) smallest = gpu;
    }
    return smallest;
}

// Instance types and products without bfloat16.
bool is_old(std::string_view node) {
    for (const char* word : {"p2.", "p3.", "p3dn.", "g4dn.", "Tesla-V100", "Tesla-T4", "Tesla-P100",
                             "nvidia-tesla-v100", "nvidia-tesla-t4", "nvidia-tesla-p100"}) {
        if (node.starts_with(word)) return true;
    }
    return false;
}

void check_bf16(Training& training, const PodGroup& group, const Container& container) {
    const Option* flag = container.launch.flag({"bf16"});
    if (flag == nullptr || flag->value == "false" || flag->value == "False" || flag->value == "0") return;
    for (const std::string_view label : gpu_labels) {
        for (const std::string_view value : node_values(group, label)) {
            if (!is_old(value) || !training.once("bfloat16")) continue;
            training.add("KG107", container.at(*flag).place(),
                         "--bf16 is asked for, and " + printable(value) + ", which the pods may get, has no bfloat16",
                         "leave it out of the nodes, or train with --fp16", Severity::warning);
            return;
        }
    }
}

void check_fit(Training& training, const PodGroup& group, const Container& container, const Needs& needs) {
    const std::int64_t gpus = std::max<std::int64_t>(training.work.gpus(), 1);
    const std::int64_t least = needs.weights / gpus;
    const Spot at = container.spot["resources"];
    if (const auto gpu = product_of(training, group)) {
        const bool never = least > gpu->memory;
        if ((!never && needs.each <= gpu->memory) || !training.once("memory")) return;
        training.add("KG108", at.key_place(),
                     needs.model + " needs " + human_gib(static_cast<std::uint64_t>(never ? least : needs.each)) +
                         (never ? " for its weights alone on each GPU, and " : " on each GPU, and ") + gpu->name +
                         " has " + human_gib(static_cast<std::uint64_t>(gpu->memory)),
                     "see: ktrain estimate --model " + needs.model + " --find",
                     never && needs.each > 0 ? Severity::error : Severity::warning);
        return;
    }
    constexpr std::int64_t smallest = std::int64_t{16} << 30;  // of cards that are common in clouds: T4, V100
    if (chooses_gpu(group) || std::max(least, needs.each) <= smallest || !training.once("memory")) return;
    training.add("KG107", group.spec["nodeSelector"].key_place(),
                 needs.model + " needs " + human_gib(static_cast<std::uint64_t>(std::max(least, needs.each))) +
                     " or more on each GPU, and any GPU will do for the pods",
                 "select nodes by " + std::string(product_label),
                 least > smallest ? Severity::warning : Severity::info);
}

void check_host(Training& training, const PodGroup& group, const Container& container) {
    const std::optional<Quantity> cpu = container.limit("cpu"), memory = container.limit("memory");
    const auto gpu = product_of(training, group);
    const Spot limits = container.spot["resources"]["limits"];
    if (cpu && *cpu < Quantity::of_units(2 * container.gpus)) {
        training.add("KG112", (limits["cpu"] ? limits["cpu"] : limits).place(),
                     cpu->text() + (cpu->text() == "1" ? " CPU for " : " CPUs for ") + std::to_string(container.gpus) +
                         (container.gpus == 1 ? " GPU" : " GPUs") + ": loading of data will hold them up",
                     "give each GPU 4 CPUs or more");
    } else if (memory && gpu && memory->approximately() < 0.5 * static_cast<double>(gpu->memory * container.gpus)) {
        training.add("KG112", (limits["memory"] ? limits["memory"] : limits).place(),
                     memory->text() + " of memory beside " + std::to_string(container.gpus) + " x " +
                         human_gib(static_cast<std::uint64_t>(gpu->memory)) +
                         " of the GPUs: weights and checkpoints pass through it",
                     "give the container as much memory as its GPUs have");
    }
}

// The text of a file that a ConfigMap of the bundle puts at the path; empty where none does.
std::string_view mounted_text(const Training& training, const PodGroup& group, const Container& container,
                              std::string_view path) {
    const Value mount = container.mount_over(path);
    const std::string_view map = group.volume(mount["name"].text())["configMap"]["name"].text();
    if (map.empty()) return {};
    const std::string_view space = space_of(*training.work.object);
    const Object* found = training.bundle.first("/ConfigMap/" + std::string(space) + "/" + std::string(map));
    if (found == nullptr) return {};
    return Value(found->root)["data"][base_name(path)].text();
}

// DeepSpeed that keeps the optimizer in the host's memory: 12 bytes for each parameter (a copy in float32 and the two
// moments of Adam), shared by the pods. Source: DeepSpeed documentation, ZeRO-Offload.
void check_offload(Training& training, const PodGroup& group, const Container& container, const Needs& needs) {
    const Option* config = container.launch.flag({"deepspeed", "deepspeed_config", "ds_config"});
    const std::optional<Quantity> memory = container.limit("memory");
    if (config == nullptr || !memory) return;
    const std::string_view text = mounted_text(training, group, container, config->value);
    const std::size_t offload = text.find("\"offload_optimizer\"");
    if (offload == std::string_view::npos || text.find("\"cpu\"", offload) == std::string_view::npos) return;
    const double wanted = 12.0 * static_cast<double>(needs.parameters) / static_cast<double>(training.work.pods());
    if (memory->approximately() >= wanted || !training.once("offload")) return;
    const Spot limits = container.spot["resources"]["limits"];
    training.add("KG112", (limits["memory"] ? limits["memory"] : limits).place(),
                 "the optimizer of " + needs.model + " is kept in the host's memory, " +
                     human_gib(static_cast<std::uint64_t>(wanted)) + " in each pod, which has " + memory->text(),
                 "raise the memory, or offload to nvme");
}

void check_grace(Training& training, const PodGroup& group, std::int64_t checkpoint) {
    constexpr double bandwidth = 200e6;  // bytes/s, of network storage
    const Spot grace = group.spec["terminationGracePeriodSeconds"];
    const std::int64_t seconds = Value(grace).number().value_or(30);
    const double wanted = std::ceil(static_cast<double>(checkpoint) / bandwidth);
    if (asks_spot(group) != Asked::no && seconds > 120) {
        training.add("KR306", grace.place(),
                     "nodes that are taken away stay 2 minutes at most, and the pods ask for " +
                         human_duration(std::chrono::seconds(seconds)),
                     "save a checkpoint in less, and more often than that");
    } else if (wanted > static_cast<double>(seconds)) {
        training.add("KR306", grace.place(),
                     "a checkpoint of " + human_bytes(static_cast<std::uint64_t>(checkpoint)) + " takes " +
                         human_duration(std::chrono::seconds(static_cast<std::int64_t>(wanted))) +
                         " at 200 MB/s, and the pods are killed " + human_duration(std::chrono::seconds(seconds)) +
                         " after SIGTERM",
                     "raise terminationGracePeriodSeconds, or rely on regular checkpoints alone");
    }
}

}  // namespace

void check_needs(Training& training) {
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer == nullptr || !group.spec || trainer->gpus == 0 || trainer->is_mig()) continue;
        // ktrain's loaders are threads of its processes, and its memory follows from the estimate.
        if (trainer->launch.launcher != Launcher::ktrain && training.once("host " + std::to_string(trainer->gpus)))
            check_host(training, group, *trainer);
        check_bf16(training, group, *trainer);
        const std::optional<Needs> needs = needs_of(training.work, *trainer, training.bundle.last->mine().needs);
        if (needs) check_fit(training, group, *trainer, *needs);
        if (needs) check_offload(training, group, *trainer, *needs);
        if (training.work.batch() && training.once("grace"))
            check_grace(training, group, needs ? needs->checkpoint : 0);
    }
}

}  // namespace ktrain::lint
