// Shared memory of training pods: loaders of data and NCCL pass batches and buffers through /dev/shm.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view folder = "/dev/shm";

Value shm_mount(const Container& container) {
    const Value mount = container.mount_over(folder);
    return mount["mountPath"].text().starts_with(folder) ? mount : Value();
}

// The container's memory as it is written: the limit, else the request.
Value memory_of(const Container& container) {
    const Value limit = container.resources["limits"]["memory"];
    return limit ? limit : container.resources["requests"]["memory"];
}

// Half the memory of the container: what is written there is charged to it. A limit that is nearly a quantity counts
// as what KT005 makes of it; "" where that is nothing, or too little to halve.
std::string good_size(const Container& container) {
    const std::string_view written = memory_of(container).text();
    std::optional<Quantity> memory = Quantity::parse(written);
    if (!memory) memory = Quantity::parse(Quantity::suggest(written));
    if (!memory) return "";
    const std::int64_t mib = memory->units_rounded_up() / (std::int64_t{2} << 20), gib = mib / 1024;
    if (gib > 0) return std::to_string(std::min<std::int64_t>(gib, 64)) + "Gi";
    return mib > 0 ? std::to_string(mib) + "Mi" : "";
}

// One process without loaders passes nothing on.
bool is_alone(const Training& training, const Container& container) {
    const Option* workers = container.launch.flag({"dataloader_num_workers", "num_workers"});
    return workers != nullptr && workers->number() == 0 && training.work.gpus() < 2;
}

void add_changes(const PodGroup& group, const Container& container, Diagnostic& found) {
    if (group.argo || group.volume("shm")) return;  // the name is taken
    constexpr const char* usual = "8Gi";            // without a limit of memory: what loaders of data rarely fill
    const std::string size = memory_of(container) ? good_size(container) : usual;
    if (size.empty()) return;
    const Json source = {{"medium", "Memory"}, {"sizeLimit", size}};
    found.changes.push_back(appended(group.spec, "volumes", {{"name", "shm"}, {"emptyDir", source}}));
    found.changes.push_back(appended(container.spot, "volumeMounts", {{"name", "shm"}, {"mountPath", folder}}));
}

void check_missing(const Training& training) {
    // KubeRay mounts memory there itself: ray-operator controllers/ray/common/pod.go.
    if (training.work.object->api_version.starts_with("ray.io/")) return;
    std::vector<const PodGroup*> lacking;
    std::vector<const Container*> trainers;
    bool on_disk = false;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer == nullptr || !trainer->has_gpu() || !group.spec || group.spec["hostIPC"].is_true()) continue;
        const Value mount = shm_mount(*trainer);
        const Value volume = group.volume(mount["name"].text());
        if ((mount && (!volume || volume["emptyDir"]["medium"].text() == "Memory")) || is_alone(training, *trainer))
            continue;
        on_disk = on_disk || mount;
        lacking.push_back(&group);
        trainers.push_back(trainer);
    }
    if (lacking.empty()) return;
    Diagnostic& found = training.add(
        "KD207", trainers.front()->spot["volumeMounts"].key_place(),
        pods_have(training.work, lacking) +
            (on_disk ? " a volume at /dev/shm that is not memory" : " 64 MB of shared memory, the default") +
            (training.work.gpus() > 1 ? ", for NCCL and the loaders of data" : ", for the loaders of data"),
        "mount an emptyDir with medium: Memory at /dev/shm");
    if (on_disk) return;
    for (std::size_t i = 0; i < lacking.size(); ++i) add_changes(*lacking[i], *trainers[i], found);
}

void check_size(const Training& training, const PodGroup& group, const Container& container) {
    const Value mount = shm_mount(container);
    const Value named = group.volume(mount["name"].text());
    if (!named || named["emptyDir"]["medium"].text() != "Memory") return;
    for (const Spot& volume : group.volumes.items()) {
        if (volume.node != named.node()) continue;
        const Spot source = volume["emptyDir"];
        const Spot limit = source["sizeLimit"];
        const std::optional<Quantity> size = limit ? Quantity::parse(limit.text()) : std::nullopt;
        const std::optional<Quantity> memory = container.limit("memory");
        if (limit && (!size || !memory || *size < *memory)) return;
        const std::string good = good_size(container);
        Diagnostic& found =
            training.add("KD208", (limit ? limit : source).place(),
                         limit ? "/dev/shm may take " + size->text() + ", all " + memory->text() +
                                     " of the container's memory: it is charged to the pod"
                               : "/dev/shm has no sizeLimit: what is written there is charged to the pod",
                         good.empty() ? "set sizeLimit well below the memory limit" : "write sizeLimit: " + good);
        if (good.empty()) return;
        found.changes.push_back(limit ? replaced(limit, good) : added(source, {"sizeLimit"}, good));
        return;
    }
}

}  // namespace

void check_shm(Training& training) {
    check_missing(training);
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer != nullptr && trainer->has_gpu()) check_size(training, group, *trainer);
    }
}

}  // namespace ktrain::lint
