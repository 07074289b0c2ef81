// The network between ranks: RDMA devices, settings of NCCL, and meshes that stand in between.
#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

bool is_rdma(std::string_view resource) {
    if (resource.starts_with("rdma/") || resource == "vpc.amazonaws.com/efa") return true;
    return std::ranges::any_of(std::array{"infiniband", "/hca", "mlnx", "roce", "hostdev"},
                               [&](const char* word) { return resource.find(word) != std::string_view::npos; });
}

// The first such resource; empty: none.
std::string_view rdma_of(const Container& container) {
    for (const yaml::Entry& entry : container.resources["limits"].members()) {
        if (is_rdma(entry.key.text)) return entry.key.text;
    }
    return {};
}

bool locks_memory(const Container& container) {
    const Value context = Value(container.spot)["securityContext"];
    if (context["privileged"].truth()) return true;
    return std::ranges::any_of(context["capabilities"]["add"].items(), [](const yaml::Node& node) {
        return node.text == "IPC_LOCK" || node.text == "CAP_IPC_LOCK" || node.text == "ALL";
    });
}

Change lock_memory(const Container& container) {
    const Spot capabilities = container.spot["securityContext"]["capabilities"];
    if (capabilities["add"].is(yaml::Kind::sequence)) return appended(capabilities, "add", "IPC_LOCK");
    return added(container.spot, {"securityContext", "capabilities", "add"}, Json::array({"IPC_LOCK"}));
}

void check_lock(const Training& training) {
    Diagnostic* found = nullptr;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer == nullptr || rdma_of(*trainer).empty() || locks_memory(*trainer)) continue;
        if (found == nullptr)
            found = &training.add("KD209", trainer->spot["securityContext"].key_place(),
                                  "container " + shown(trainer->name()) + " has " + printable(rdma_of(*trainer)) +
                                      " and may not lock memory for it",
                                  "add under securityContext: capabilities: {add: [IPC_LOCK]}");
        found->changes.push_back(lock_memory(*trainer));
    }
}

// Network cards of instance types. Source: Amazon EC2 User Guide, Elastic Fabric Adapter, maximum network bandwidth.
struct Cards {
    std::string_view instance;
    std::int64_t count;
};

constexpr std::array instances{
    Cards{"g5.48xlarge", 1},  Cards{"g6.48xlarge", 1},   Cards{"p4d.24xlarge", 4},   Cards{"p4de.24xlarge", 4},
    Cards{"p5.48xlarge", 32}, Cards{"p5e.48xlarge", 32}, Cards{"p5en.48xlarge", 16},
};

// A whole node's GPUs with a part of its cards.
void check_cards(const Training& training, const PodGroup& group, const Container& container) {
    const std::vector<std::string_view> types = node_values(group, "node.kubernetes.io/instance-type");
    const auto cards = types.size() == 1 ? std::ranges::find(instances, types[0], &Cards::instance) : instances.end();
    const std::optional<Quantity> asked = container.limit("vpc.amazonaws.com/efa");
    if (cards == instances.end() || !asked || container.gpus < 8) return;
    if (*asked == Quantity::of_units(cards->count)) return;
    training.add("KD210", container.spot["resources"]["limits"]["vpc.amazonaws.com/efa"].place(),
                 asked->text() + " network cards are asked for, and " + std::string(cards->instance) + " has " +
                     std::to_string(cards->count),
                 "ask for all cards of the node with all of its GPUs");
}

void check_consistency(const Training& training) {
    const Container *with = nullptr, *without = nullptr;
    const PodGroup* group_with = nullptr;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer == nullptr || !trainer->has_gpu()) continue;
        const bool rdma = !rdma_of(*trainer).empty();
        (rdma ? with : without) = trainer;
        if (rdma) group_with = &group;
    }
    if (with == nullptr) return;
    check_cards(training, *group_with, *with);
    const std::string name = printable(rdma_of(*with));
    const Value annotations = Value(group_with->metadata)["annotations"];
    if (without != nullptr) {
        training.add("KD210", without->spot["resources"].key_place(),
                     "container " + shown(without->name()) + " has no " + name + ", which the other pods have",
                     "give it to all pods, or to none");
    } else if (with->env_text("NCCL_IB_DISABLE") == "1") {
        training.add("KD210", with->spot["env"].key_place(), "NCCL_IB_DISABLE=1 leaves " + name + " unused",
                     "remove the variable, or the resource");
    } else if (name.starts_with("rdma/") && !annotations["k8s.v1.cni.cncf.io/networks"] &&
               group_with->spec["hostNetwork"].text() != "true") {
        training.add("KD210", group_with->metadata["annotations"].key_place(),
                     name + " comes without its network: the pods have neither a second one nor that of the host",
                     "name the network in the annotation k8s.v1.cni.cncf.io/networks, unless the fabric is InfiniBand "
                     "without addresses",
                     Severity::info);
    }
}

// A setting that is for looking into a fault, and was left there.
struct Setting {
    std::string_view name, value;
    bool several;  // matters between pods alone
    Severity severity;
    std::string_view says;
};

constexpr std::array settings{
    Setting{"CUDA_LAUNCH_BLOCKING", "1", false, Severity::warning, "waits for every kernel: training is much slower"},
    Setting{"GLOO_SOCKET_IFNAME", "lo", true, Severity::warning, "looks for other pods on this pod's own loopback"},
    Setting{"NCCL_DEBUG", "TRACE", false, Severity::info, "writes a line for every call: logs of gigabytes"},
    Setting{"NCCL_P2P_DISABLE", "1", false, Severity::warning,
            "sends between GPUs of a node through the host's memory"},
    Setting{"NCCL_SHM_DISABLE", "1", false, Severity::warning, "sends between GPUs of a node through the network"},
    Setting{"NCCL_SOCKET_IFNAME", "=lo", true, Severity::warning, "looks for other pods on this pod's own loopback"},
    Setting{"NCCL_SOCKET_IFNAME", "lo", true, Severity::warning, "looks for other pods on this pod's own loopback"},
    Setting{"TORCH_DISTRIBUTED_DEBUG", "DETAIL", false, Severity::info, "checks every collective: training is slower"},
};

void check_settings(const Training& training) {
    for (const Setting& setting : settings) {
        if (setting.several && training.work.pods() < 2) continue;
        for (const PodGroup& group : training.work.groups) {
            const Container* trainer = group.trainer();
            const Container::Told told = trainer != nullptr ? trainer->told(setting.name) : Container::Told{};
            if (!told.at || lower(told.value) != lower(setting.value)) continue;
            Diagnostic& found =
                training.add("KD217", told.at.place(),
                             std::string(setting.name) + "=" + printable(told.value) + " " + std::string(setting.says),
                             "remove it once the fault is found", setting.severity);
            if (told.at["name"]) found.changes.push_back(removed(told.at));
            break;
        }
    }
}

// Seconds that ranks wait for each other.
constexpr std::int64_t shortest_wait = 60, longest_wait = 86400;

void check_wait(const Training& training, const std::string& what, const Option& seconds, const Place& place) {
    const std::optional<std::int64_t> wait = seconds.number();
    if (!wait || (*wait >= shortest_wait && *wait <= longest_wait)) return;
    if (*wait > longest_wait)
        training.add("KD217", place,
                     what + " of " + std::to_string(*wait) + " s: a rank that is lost is waited for more than a day",
                     "write some minutes, 1800 for one", Severity::info);
    else
        training.add("KD217", place,
                     what + " of " + std::to_string(*wait) +
                         " s: loading, compiling and checkpoints take longer, and end "
                         "the training",
                     "write some minutes, 1800 for one");
}

void check_waits(Training& training) {
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer == nullptr || !training.once("waits")) continue;
        const Option* flag = trainer->launch.flag({"ddp_timeout"});
        if (flag != nullptr) check_wait(training, "--ddp_timeout", *flag, trainer->at(*flag).place());
        const Container::Told told = trainer->told("TORCH_NCCL_HEARTBEAT_TIMEOUT_SEC");
        if (told.at) check_wait(training, "TORCH_NCCL_HEARTBEAT_TIMEOUT_SEC", {"", told.value}, told.at.place());
    }
}

struct Mesh {
    std::string_view name, on_namespace, value, on_pod, off;
};

constexpr std::array meshes{
    Mesh{"Istio", "istio-injection", "enabled", "sidecar.istio.io/inject", "false"},
    Mesh{"Linkerd", "linkerd.io/inject", "enabled", "linkerd.io/inject", "disabled"},
};

Value mark(Value metadata, std::string_view name) {
    const Value label = metadata["labels"][name];
    return label ? label : metadata["annotations"][name];
}

std::string_view scalar(Value value) {
    return value && value.node()->is_scalar() ? std::string_view(value.node()->text) : std::string_view();
}

void check_mesh(const Training& training) {
    const std::string_view space = space_of(*training.work.object);
    const Object* own = training.bundle.first("/Namespace//" + std::string(space));
    const Value metadata = own == nullptr ? Value() : Value(own->root["metadata"]);
    for (const Mesh& mesh : meshes) {
        const bool everywhere = scalar(mark(metadata, mesh.on_namespace)) == mesh.value;
        for (const PodGroup& group : training.work.groups) {
            const std::string_view here = scalar(mark(Value(group.metadata), mesh.on_pod));
            const bool on = here == "true" || here == "enabled" || here == "ingress";
            if (!group.metadata.node && !group.spec) continue;
            if (here == mesh.off || (!everywhere && !on)) continue;
            Diagnostic& found = training.add(
                "KD215", group.metadata["annotations"].key_place(),
                std::string(mesh.name) +
                    " puts a proxy into the pods: it answers for ranks, and does not end with them",
                "write the annotation " + std::string(mesh.on_pod) + ": \"" + std::string(mesh.off) + "\"");
            if (here.empty() && group.metadata)
                found.changes.push_back(added(group.metadata, {"annotations", mesh.on_pod}, mesh.off));
            return;
        }
    }
}

}  // namespace

void check_network(Training& training) {
    check_lock(training);
    check_consistency(training);
    check_settings(training);
    check_waits(training);
    if (training.work.batch()) check_mesh(training);
}

}  // namespace ktrain::lint
