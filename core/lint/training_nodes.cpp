// Pods and the nodes they land on: taints of GPU nodes, CPU for loaders of data, the device plugin itself.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view system_priority = "system-node-critical";

// Taints of GPU nodes have many names; a toleration of any of them shows that the matter was thought of.
bool tolerates_gpu_nodes(Value tolerations) {
    return std::ranges::any_of(tolerations.items(), [](const yaml::Node& node) {
        const std::string_view key = Value(node)["key"].text();
        if (key == "sku" && Value(node)["value"].text() == "gpu") return true;  // of Azure's GPU nodes
        if (key.empty()) return Value(node)["operator"].text() == "Exists";
        for (const char* word : {"gpu", "nvidia", "accelerator", "dedicated"}) {
            if (key.find(word) != std::string_view::npos) return true;
        }
        return false;
    });
}

// Kueue adds the tolerations of the flavor that it gives the pods; those of the files show that the matter was thought
// of.
bool flavor_tolerates(const Training& training) {
    if (!training.work.object->root["metadata"]["labels"]["kueue.x-k8s.io/queue-name"]) return false;
    return std::ranges::any_of(training.bundle.index.all("ResourceFlavor"), [](const Object* flavor) {
        return tolerates_gpu_nodes(Value(flavor->root)["spec"]["tolerations"]);
    });
}

// The taint is named after the device: nvidia.com/gpu for its parts too.
std::string taint_of(const PodGroup& group) {
    for (const Container& container : group.containers) {
        if (container.gpus == 0 || container.device.starts_with("nvidia.com/")) continue;
        return std::string(container.device);
    }
    return "nvidia.com/gpu";
}

void check_toleration(const Training& training) {
    std::vector<const PodGroup*> lacking;
    for (const PodGroup& group : training.work.groups) {
        const bool known = group.gpus() > 0 && group.spec;
        const Value of_workflow = group.argo ? Value(training.work.spec)["tolerations"] : Value();
        if (known && !tolerates_gpu_nodes(Value(group.spec)["tolerations"]) && !tolerates_gpu_nodes(of_workflow))
            lacking.push_back(&group);
    }
    if (lacking.empty() || flavor_tolerates(training)) return;
    const std::string taint = taint_of(*lacking.front());
    Diagnostic& found =
        training.add("KG106", lacking.front()->spec["tolerations"].key_place(),
                     pods_have(training.work, lacking) + " GPUs and no toleration of the taint " + taint,
                     "add under tolerations: {key: " + taint + ", operator: Exists, effect: NoSchedule}");
    for (const PodGroup* group : lacking) {
        const Json toleration = {{"key", taint_of(*group)}, {"operator", "Exists"}, {"effect", "NoSchedule"}};
        found.changes.push_back(appended(group->spec, "tolerations", toleration));
    }
}

void check_loaders(const Training& training, const Container& container) {
    const Option* workers =
        container.launch.flag({"dataloader_num_workers", "num_workers", "workers", "num_data_workers"});
    const Value cpu = container.resources["limits"]["cpu"];
    const std::optional<Quantity> limit = container.limit("cpu");
    if (workers == nullptr || !cpu || !limit || container.gpus == 0) return;
    const std::int64_t each = workers->number().value_or(0);
    if (each < 1 || each > 1000) return;
    const std::int64_t wanted = container.gpus * (each + 1);
    if (*limit >= Quantity::of_units(wanted)) return;
    training.add("KG113", container.spot["resources"]["limits"]["cpu"].place(),
                 std::to_string(container.gpus) + " processes with " + std::to_string(each) + " loaders each share " +
                     limit->text() + (limit->text() == "1" ? " CPU" : " CPUs"),
                 "raise the CPU limit to " + std::to_string(wanted) + ", or load with fewer");
}

// That of EFA is called so as well.
bool is_gpu_plugin(std::string_view image) {
    return image.find("k8s-device-plugin") != image.npos && image.find("efa") == image.npos;
}

void check_plugin(const Training& training) {
    if (!training.work.is("DaemonSet", "apps")) return;
    for (const PodGroup& group : training.work.groups) {
        if (group.spec["priorityClassName"]) continue;
        for (const Container& container : group.containers) {
            if (!is_gpu_plugin(container.spot["image"].text())) continue;
            training
                .add("KG114", group.spec["priorityClassName"].place(),
                     "the device plugin has no priority: pods of the node may push it out, and its GPUs with it",
                     "write priorityClassName: " + std::string(system_priority))
                .changes.push_back(added(group.spec, {"priorityClassName"}, system_priority));
            return;
        }
    }
}

}  // namespace

void check_nodes(Training& training) {
    check_toleration(training);
    check_plugin(training);
    for (const PodGroup& group : training.work.groups) {
        for (const Container& container : group.containers) check_loaders(training, container);
    }
}

}  // namespace ktrain::lint
