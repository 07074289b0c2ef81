// KS401, KS406 to KS409: claims that pods share, mounts that hide, sizes, and paths of the node.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/spaces.h"
#include "core/lint/workload.h"
#include "core/model/catalog.h"

namespace ktrain::lint {
namespace {

const Object* claim_of(const Object& object, const Bundle& bundle, std::string_view name) {
    return bundle.index.find("PersistentVolumeClaim", space_of(object), name).object;
}

bool has_mode(const Object& claim, std::string_view mode) {
    return std::ranges::any_of(Value(claim.root)["spec"]["accessModes"].items(),
                               [&](const yaml::Node& one) { return Value(one).text() == mode; });
}

// Pods of the workload that have the claim. A DaemonSet has one for each node.
std::int64_t users(const Workload& workload, std::string_view claim) {
    std::int64_t pods = 0;
    for (const PodGroup& group : workload.groups) {
        for (const Spot& volume : group.volumes.items()) {
            if (volume["persistentVolumeClaim"]["claimName"].text() != claim) continue;
            pods += workload.object->kind == "DaemonSet" ? 2 : group.replicas;
            break;
        }
    }
    return pods;
}

// Returns whether it has something to say.
bool check_shared_claim(const Object& object, const Workload& workload, const Spot& name, const Object& claim,
                        Findings& findings) {
    const std::int64_t pods = users(workload, name.text());
    const bool once = has_mode(claim, "ReadWriteOncePod");
    const bool shared = has_mode(claim, "ReadWriteMany") || has_mode(claim, "ReadOnlyMany");
    if (pods < 2 || shared || !(once || has_mode(claim, "ReadWriteOnce"))) return shared;
    const std::string many = object.kind == "DaemonSet" ? "the pods of all nodes" : std::to_string(pods) + " pods";
    findings.add("KS401", name.place(),
                 many + " mount the claim " + shown(name.text()) +
                     (once ? ", which one pod alone may have (ReadWriteOncePod)"
                           : ", which one node alone may have (ReadWriteOnce): pods on others wait for it"),
                 "use a class with accessModes: [ReadWriteMany], or a claim for each pod",
                 once ? Severity::error : Severity::warning);
    return true;
}

// Another object whose pods have the claim, which pods of one node alone may have at a time. What comes first in the
// files is not blamed.
void check_other_users(const Object& object, const Bundle& bundle, const Workload& workload, const Spot& name,
                       const Object& claim, Findings& findings) {
    const auto users = bundle.spaces->claims().of(space_of(object), name.text());
    const bool once = has_mode(claim, "ReadWriteOncePod");
    if (users.empty() || users.front() == &object || !(once || has_mode(claim, "ReadWriteOnce"))) return;
    const Object& other = *users.front();
    const bool lasting = !workload.batch() || !read_workload(other).batch();  // the two meet for sure
    findings.add("KS401", name.place(),
                 "the " + other.kind + " " + shown(other.name()) + " has the claim " + shown(name.text()) +
                     " too, and " +
                     (once ? "one pod alone may have it at a time (ReadWriteOncePod)"
                           : "pods of one node alone may have it at a time (ReadWriteOnce)"),
                 "use a class with accessModes: [ReadWriteMany], or see that they run one after the other",
                 once || lasting ? Severity::warning : Severity::info);
}

// Two volumes that are bound before the pod has a node may end up in two zones.
void check_zones(const Bundle& bundle, const std::vector<std::pair<Spot, const Object*>>& claims, Findings& findings) {
    std::vector<std::pair<Spot, std::string_view>> immediate;
    for (const auto& [name, claim] : claims) {
        const std::string_view storage = Value(claim->root)["spec"]["storageClassName"].text();
        const Match match = bundle.index.find("StorageClass", "", storage);
        const bool bound = static_cast<bool>(Value(claim->root)["spec"]["volumeName"]);
        if (match.object == nullptr || bound || !has_mode(*claim, "ReadWriteOnce")) continue;
        if (Value(match.object->root)["volumeBindingMode"].text() != "WaitForFirstConsumer")
            immediate.emplace_back(name, storage);
    }
    if (immediate.size() < 2) return;
    findings.add("KS407", immediate[1].first.place(),
                 "the volumes of " + shown(immediate[0].first.text()) + " and " + shown(immediate[1].first.text()) +
                     " are bound at once (class " + shown(immediate[1].second) +
                     "): in a cluster of several zones they may be in two, and no node can have both",
                 "set volumeBindingMode: WaitForFirstConsumer in the StorageClass");
}

// Folders that images keep their code, programs or packages in.
constexpr std::array<std::string_view, 20> image_folders{
    "/",      "/app", "/bin",       "/code",          "/etc",  "/home",        "/lib",
    "/lib64", "/opt", "/opt/conda", "/opt/venv",      "/root", "/root/.cache", "/sbin",
    "/src",   "/usr", "/usr/local", "/usr/local/lib", "/venv", "/workspace",
};

std::string_view without_end(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

void check_hidden(const PodGroup& group, Findings& findings) {
    for (const Container& container : group.containers) {
        const std::string_view folder = without_end(container.spot["workingDir"].text());
        for (const Spot& mount : container.spot["volumeMounts"].items()) {
            const Spot path = mount["mountPath"];
            const std::string_view place = without_end(path.text());
            if (mount["subPath"] || mount["subPathExpr"] || place.empty()) continue;
            const bool working = place == folder;
            const bool known = std::ranges::find(image_folders, place) != image_folders.end();
            const bool data = place == "/workspace/data" || place == "/app/data" || place == "/workspace/src";
            if (!working && !known && !data) continue;
            const Value volume = group.volume(mount["name"].text());
            if (volume["configMap"] || volume["secret"]) continue;  // meant to be there
            findings.add("KS406", path.place(),
                         "the volume at " + shown(place) + " hides what the image has there" +
                             (working ? ": it is the working directory" : ""),
                         "mount it elsewhere, or see that the volume holds what is needed");
        }
    }
}

// What training leaves at least: weights in 16 bits and the two states of Adam, in 16 bits as well.
constexpr double least_bytes = 6;

void check_size(const Object& object, const Bundle& bundle, const PodGroup& group, Findings& findings) {
    const Container* trainer = group.trainer();
    if (trainer == nullptr) return;
    const Launch& launch = trainer->launch;
    const Option* model = launch.flag({"model_name_or_path", "model_name", "base_model"});
    const Option* output = launch.flag({"output_dir", "checkpoint_dir"});
    const bool part =
        launch.flag({"use_peft", "use_lora", "lora_r", "lora_rank", "peft", "load_in_4bit", "qlora"}) != nullptr;
    if (model == nullptr || output == nullptr || part ||
        !launch.flag({"save_steps", "save_strategy", "save_total_limit"}))
        return;
    if (const Option* strategy = launch.flag({"save_strategy"}); strategy != nullptr && strategy->value == "no") return;
    const auto shape = find_in_catalog(model->value);
    const Value mount = trainer->mount_over(output->value);
    const Value volume = group.volume(mount["name"].text());
    const Object* claim = claim_of(object, bundle, volume["persistentVolumeClaim"]["claimName"].text());
    if (!shape || claim == nullptr) return;
    const auto size = quantity_at(Value(claim->root)["spec"]["resources"]["requests"]["storage"]);
    const Option* limit = launch.flag({"save_total_limit"});
    const auto kept = limit != nullptr ? limit->number().value_or(1) : 1;
    const double needed = least_bytes * static_cast<double>(shape->parameters) *
                          static_cast<double>(std::clamp<std::int64_t>(kept, 1, 1000));
    if (!size || size->approximately() >= needed) return;
    findings.add("KS408", locate(object, volume["persistentVolumeClaim"]["claimName"]).place(),
                 std::to_string(kept) + (kept == 1 ? " checkpoint" : " checkpoints") + " of " + shown(model->value) +
                     " take at least " + human_bytes(static_cast<std::uint64_t>(needed)) + ", the claim has " +
                     size->text(),
                 "make the claim larger, or keep fewer checkpoints (--save_total_limit)");
}

constexpr std::array<std::string_view, 5> sockets{"/run/containerd/containerd.sock", "/run/crio/crio.sock",
                                                  "/run/docker.sock", "/var/run/containerd/containerd.sock",
                                                  "/var/run/docker.sock"};

// Whether some container may write to the volume.
bool is_writable(const PodTemplate& pod, std::string_view volume) {
    for (const Spot& container : pod.containers()) {
        for (const Spot& mount : container["volumeMounts"].items()) {
            if (mount["name"].text() == volume && !Value(mount["readOnly"]).truth()) return true;
        }
    }
    return false;
}

// Devices, and what the system of every node has: no data.
bool is_alike_on_nodes(std::string_view place) {
    return std::ranges::any_of(
        std::array{"/dev/", "/etc/localtime", "/lib/modules", "/proc/", "/sys/", "/usr/share/zoneinfo"},
        [&](std::string_view folder) { return place.starts_with(folder); });
}

void check_host_path(const Object& object, const PodTemplate& pod, const Spot& volume, Findings& findings) {
    const Spot path = volume["hostPath"]["path"];
    const std::string_view place = without_end(path.text());
    if (place.empty()) return;
    const bool socket = std::ranges::find(sockets, place) != sockets.end();
    const bool root = place == "/" && is_writable(pod, volume["name"].text());
    if (socket || root) {
        findings.add(
            "KS409", path.place(),
            socket ? "the socket of the container runtime makes this pod root on its node"
                   : "the pod may write to the whole file system of its node",
            socket ? "build images and start containers by other means" : "mount the folder that is needed, readOnly",
            Severity::error);
        return;
    }
    if (object.kind == "DaemonSet") return;  // agents are there to look at their node
    if (is_alike_on_nodes(place)) return;
    findings.add(
        "KS409", path.place(),
        "the folder " + shown(place) + " is another one on each node: what a pod writes there is gone for the next",
        "use a PersistentVolumeClaim, or an emptyDir for what may be lost", Severity::warning);
}

// The volumes of a Workflow, which any of its templates may mount: once, as those see them that write there.
void check_workflow_volumes(const Object& object, Findings& findings) {
    const Spot spec = object.root["spec"];
    const Spot workflow = object.kind == "CronWorkflow" ? spec["workflowSpec"] : spec;
    for (const Spot& volume : workflow["volumes"].items()) {
        const auto writes = [&](const PodTemplate& pod) { return is_writable(pod, volume["name"].text()); };
        const auto writer = std::ranges::find_if(object.templates, writes);
        check_host_path(object, writer == object.templates.end() ? object.templates.front() : *writer, volume,
                        findings);
    }
}

}  // namespace

void check_pod_volumes(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.templates.empty()) return;
    const Workload& workload = workload_of(object, bundle);
    std::vector<std::string_view> seen;
    for (const PodGroup& group : workload.groups) {
        std::vector<std::pair<Spot, const Object*>> claims;
        for (const Spot& volume : group.volumes.items()) {
            const Spot name = volume["persistentVolumeClaim"]["claimName"];
            const Object* claim = name ? claim_of(object, bundle, name.text()) : nullptr;
            if (claim == nullptr) continue;
            claims.emplace_back(name, claim);
            if (std::ranges::find(seen, name.text()) != seen.end()) continue;
            seen.push_back(name.text());
            if (!check_shared_claim(object, workload, name, *claim, findings))
                check_other_users(object, bundle, workload, name, *claim, findings);
        }
        check_zones(bundle, claims, findings);
        check_hidden(group, findings);
        check_size(object, bundle, group, findings);
    }
}

void check_host_paths(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        for (const Spot& volume : pod.spec["volumes"].items()) check_host_path(object, pod, volume, findings);
    }
    if (!object.templates.empty() && object.templates.front().argo) check_workflow_volumes(object, findings);
    if (object.kind != "PersistentVolume" || object.api_version != "v1") return;
    const Spot path = object.root["spec"]["hostPath"]["path"];
    if (path)
        findings.add("KS409", path.place(), "a volume on the disk of one node is not there on the others",
                     "use a storage class, or local: with the nodeAffinity of its node", Severity::warning);
}

}  // namespace ktrain::lint
