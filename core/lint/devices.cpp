// The table of device names, and which of them a misspelt one is.
#include "core/lint/devices.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/text.h"

namespace ktrain::lint {
namespace {

// Sources: the READMEs of the device plugins of NVIDIA (also for KubeVirt), AMD, Intel, AWS (Neuron, EFA), Google and
// Habana, and of Mellanox's plugin for shared RDMA devices.
struct Device {
    std::string_view domain, name;
};

constexpr std::array devices{
    Device{"amd.com", "gpu"},
    Device{"aws.amazon.com", "neuron"},
    Device{"aws.amazon.com", "neuroncore"},
    Device{"aws.amazon.com", "neurondevice"},
    Device{"google.com", "tpu"},
    Device{"gpu.intel.com", "i915"},
    Device{"gpu.intel.com", "xe"},
    Device{"habana.ai", "gaudi"},
    Device{"nvidia.com", "gpu"},
    Device{"nvidia.com", "gpu.shared"},
    Device{"nvidia.com", "pgpu"},
    Device{"nvidia.com", "vgpu"},
    Device{"vpc.amazonaws.com", "efa"},
};

}  // namespace

std::string device_meant(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return "";
    const std::string_view domain = text.substr(0, slash), name = text.substr(slash + 1);
    if (name.starts_with("mig-")) return "";
    std::vector<std::string> domains;
    for (const Device& device : devices) domains.emplace_back(device.domain);
    const bool known = std::ranges::find(domains, domain) != domains.end();
    const std::string near = known ? std::string(domain) : nearest(domain, domains);
    std::vector<std::string> names;
    for (const Device& device : devices)
        if (device.domain == near) names.emplace_back(device.name);
    const bool named = std::ranges::find(names, name) != names.end();
    // In a domain that is misspelt only what is known by its name is sure.
    if (named) return known ? "" : near + "/" + std::string(name);
    const std::string meant = nearest(name, names);
    return !known || meant.empty() ? "" : near + "/" + meant;
}

}  // namespace ktrain::lint
