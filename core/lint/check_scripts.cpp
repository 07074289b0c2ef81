// KS410: scripts that neither the image nor a volume holds.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/workload.h"

namespace ktrain::lint {
namespace {

// Images that come with libraries and nobody's training code.
constexpr std::array<std::string_view, 16> stock{
    "debian",
    "deepspeed/deepspeed",
    "huggingface/accelerate",
    "huggingface/transformers-pytorch-deepspeed-latest-gpu",
    "huggingface/transformers-pytorch-gpu",
    "huggingface/trl-latest-gpu",
    "nvcr.io/nvidia/pytorch",
    "nvidia/cuda",
    "nvidia/pytorch",
    "python",
    "pytorch/pytorch",
    "rayproject/ray",
    "rayproject/ray-ml",
    "tensorflow/tensorflow",
    "ubuntu",
    "winglian/axolotl",
};
static_assert(std::is_sorted(stock.begin(), stock.end()));

// Where volumes with code are mounted; others hold data, caches and results.
constexpr std::array<std::string_view, 12> of_data{"cache", "checkpoint", "config", "data",  "dev",    "etc",
                                                   "hf",    "log",        "model",  "mnt/d", "output", "tmp"};

std::string_view repository(std::string_view image) {
    image = image.substr(0, image.find('@'));
    const std::size_t slash = image.rfind('/');
    const std::size_t colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
    image = image.substr(0, colon);
    for (std::string_view registry : {"docker.io/library/", "docker.io/"}) {
        if (image.starts_with(registry)) return image.substr(registry.size());
    }
    return image;
}

bool may_hold_code(std::string_view path) {
    if (path == "/root/.cache" || path.starts_with("/root/.cache/")) return false;
    const std::string_view rest = path.substr(path.starts_with('/') ? 1 : 0);
    return std::ranges::none_of(of_data, [&](std::string_view word) { return rest.starts_with(word); });
}

// Commands before it may fetch or write the script, or go to where it is.
bool is_prepared(const Container& container) {
    return container.launch.in_shell && container.launch.commands.size() > 1;
}

void check_script(const PodGroup& group, const Container& container, Findings& findings) {
    const Launch& launch = container.launch;
    const std::string_view script = launch.script;
    const std::string_view image = repository(container.spot["image"].text());
    if (script.empty() || launch.module || script.front() == '/' || script.find("://") != std::string_view::npos)
        return;
    if (script.front() == '-' || script.find_first_of("${") != std::string_view::npos) return;
    if (!std::binary_search(stock.begin(), stock.end(), image) || is_prepared(container)) return;
    if (container.spot["workingDir"]) {
        const std::string path = std::string(container.spot["workingDir"].text()) + "/" + std::string(script);
        if (container.mount_over(path)) return;
    }
    for (const Spot& mount : container.spot["volumeMounts"].items()) {
        const Value volume = group.volume(mount["name"].text());
        if (may_hold_code(mount["mountPath"].text()) && !(volume["emptyDir"]["medium"])) return;
    }
    findings.add("KS410", container.entry(launch.item).place(),
                 "nothing supplies " + shown(script) + ": " + shown(image) +
                     " holds no code of yours, and no volume is mounted where it would be",
                 "build an image with the script, or mount it from a ConfigMap or a claim and give its whole path");
}

}  // namespace

void check_scripts(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.templates.empty()) return;
    const Workload& workload = workload_of(object, bundle);
    for (const PodGroup& group : workload.groups) {
        for (const Container& container : group.containers) check_script(group, container, findings);
    }
}

}  // namespace ktrain::lint
