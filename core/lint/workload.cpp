// Where each kind keeps its pod templates and their number, and what stands in a template.
#include "core/lint/workload.h"

#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/lint/quantities.h"

namespace ktrain::lint {
namespace {

constexpr std::int64_t most = 1'000'000;  // pods or devices: more is a mistake, and sums must not overflow

// A kind that makes pods. Paths are names with dots; "*": each member; "[]": each item of a list.
struct Shape {
    std::string_view group;  // of the API
    std::string_view kind;
    std::string_view owners;    // what holds a template
    std::string_view pod;       // from there to the template
    std::string_view replicas;  // from there to their number
    std::string_view factor;    // another number to multiply by: pods of each replica
    Course course;
    bool distributed;
};

constexpr auto batch = Course::batch;
constexpr auto service = Course::service;
constexpr std::array shapes{
    Shape{"", "Pod", "", "", "", "", service, false},
    Shape{"", "ReplicationController", "spec", "template", "replicas", "", service, false},
    Shape{"apps", "DaemonSet", "spec", "template", "", "", service, false},
    Shape{"apps", "Deployment", "spec", "template", "replicas", "", service, false},
    Shape{"apps", "ReplicaSet", "spec", "template", "replicas", "", service, false},
    Shape{"apps", "StatefulSet", "spec", "template", "replicas", "", service, false},
    Shape{"batch", "CronJob", "spec.jobTemplate.spec", "template", "", "", batch, false},
    Shape{"batch", "Job", "spec", "template", "", "", batch, false},
    Shape{"batch.volcano.sh", "Job", "spec.tasks[]", "template", "replicas", "", batch, true},
    Shape{"jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[]", "template.spec.template", "replicas", "template.spec",
          batch, true},
    Shape{"kubeflow.org", "JAXJob", "spec.jaxReplicaSpecs.*", "template", "replicas", "", batch, true},
    Shape{"kubeflow.org", "MPIJob", "spec.mpiReplicaSpecs.*", "template", "replicas", "", batch, true},
    Shape{"kubeflow.org", "PaddleJob", "spec.paddleReplicaSpecs.*", "template", "replicas", "", batch, true},
    Shape{"kubeflow.org", "PyTorchJob", "spec.pytorchReplicaSpecs.*", "template", "replicas", "", batch, true},
    Shape{"kubeflow.org", "TFJob", "spec.tfReplicaSpecs.*", "template", "replicas", "", batch, true},
    Shape{"kubeflow.org", "XGBoostJob", "spec.xgbReplicaSpecs.*", "template", "replicas", "", batch, true},
    Shape{"leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec.leaderWorkerTemplate", "workerTemplate", "size", "",
          service, true},
    Shape{"ray.io", "RayCluster", "spec.headGroupSpec", "template", "", "", service, true},
    Shape{"ray.io", "RayCluster", "spec.workerGroupSpecs[]", "template", "replicas", "", service, true},
    Shape{"ray.io", "RayJob", "spec.rayClusterSpec.headGroupSpec", "template", "", "", batch, true},
    Shape{"ray.io", "RayJob", "spec.rayClusterSpec.workerGroupSpecs[]", "template", "replicas", "", batch, true},
    Shape{"trainer.kubeflow.org", "ClusterTrainingRuntime", "spec.template.spec.replicatedJobs[]",
          "template.spec.template", "replicas", "template.spec", batch, true},
    Shape{"trainer.kubeflow.org", "TrainingRuntime", "spec.template.spec.replicatedJobs[]", "template.spec.template",
          "replicas", "template.spec", batch, true},
};

// The spots at a path; bounded by its steps.
std::vector<Spot> spots_at(const Spot& root, std::string_view path) {
    std::vector<Spot> spots{root};
    while (!path.empty()) {
        const std::size_t dot = path.find('.');
        const std::string_view step = path.substr(0, dot);
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
        std::vector<Spot> next;
        for (const Spot& spot : spots) {
            std::vector<Spot> found;
            if (step == "*")
                found = spot.members();
            else if (step.ends_with("[]"))
                found = spot[step.substr(0, step.size() - 2)].items();
            else if (Spot member = spot[step])
                found.push_back(std::move(member));
            std::ranges::move(found, std::back_inserter(next));
        }
        spots = std::move(next);
    }
    return spots;
}

std::int64_t count_of(const Spot& spot, std::int64_t otherwise) {
    return std::clamp<std::int64_t>(Value(spot).number().value_or(otherwise), 0, most);
}

// Pods of a Job at one time.
std::int64_t job_pods(const Spot& job) {
    const std::int64_t parallel = count_of(job["parallelism"], 1);
    return job["completions"] ? std::min(parallel, count_of(job["completions"], 1)) : parallel;
}

void count_devices(Container& container) {
    for (const char* list : {"limits", "requests"}) {
        for (const yaml::Entry& entry : container.resources[list].members()) {
            if (!is_gpu_resource(entry.key.text)) continue;
            if (container.device.empty()) container.device = entry.key.text;
            const std::optional<Quantity> amount = quantity_at(entry.value);
            if (amount) container.gpus = std::min(most, container.gpus + std::min(most, amount->units_rounded_up()));
        }
        if (container.gpus > 0) break;
    }
    if (container.gpus == 0) container.device = {};
    container.claims = !container.resources["claims"].items().empty();
}

Container make_container(Spot spot, Role role, std::string_view resources = "resources") {
    Container container;
    container.role = role;
    container.resources = Value(spot)[resources];
    container.spot = std::move(spot);
    count_devices(container);
    std::vector<std::string_view> entries;
    for (const char* list : {"command", "args"}) {
        for (const yaml::Node& item : Value(container.spot)[list].items()) entries.push_back(item.text);
    }
    if (entries.empty()) return container;
    const bool more = !Value(container.spot)["envFrom"].items().empty();
    container.launch = read_launch(entries, [&](std::string_view name) -> std::optional<std::string> {
        const Value entry = container.env(name);
        if (entry["value"] && !container.env_text(name).empty()) return std::string(container.env_text(name));
        if (entry["valueFrom"] || (!entry && more)) return "$" + std::string(name);
        return std::nullopt;
    });
    return container;
}

void add_containers(PodGroup& group) {
    const auto add = [&](const Spot& spot, Role role) { group.containers.push_back(make_container(spot, role)); };
    for (const Spot& spot : group.spec["initContainers"].items())
        add(spot, spot["restartPolicy"].text() == "Always" ? Role::sidecar : Role::init);
    for (const Spot& spot : group.spec["containers"].items()) add(spot, Role::main);
    if (!group.argo) return;
    for (const char* one : {"container", "script"}) {
        if (const Spot spot = group.spec[one]) add(spot, Role::main);
    }
    for (const Spot& spot : group.spec["containerSet"]["containers"].items()) add(spot, Role::main);
    for (const Spot& spot : group.spec["sidecars"].items()) add(spot, Role::sidecar);
}

std::string group_name(const Spot& owner, bool named) {
    if (!named) return "";
    const std::string_view name = owner["name"].text();
    if (!name.empty()) return std::string(name);
    if (!owner["groupName"].text().empty()) return std::string(owner["groupName"].text());
    return owner.key != nullptr ? yaml::key_text(*owner.key) : "";
}

void add_group(const Shape& shape, const Object& object, const Spot& owner, Workload& workload) {
    PodGroup group;
    const std::vector<Spot> templates = spots_at(owner, shape.pod);
    if (templates.empty()) return;
    group.metadata = templates.front()["metadata"];
    group.spec = templates.front()["spec"];
    if (!group.spec.is(yaml::Kind::mapping)) return;
    group.owner = owner;
    group.name = group_name(
        owner, shape.owners.ends_with("*") || shape.owners.ends_with("]") || shape.owners.ends_with("GroupSpec"));
    const bool job = object.kind == "Job" || object.kind == "CronJob";
    group.replicas_at = owner[shape.replicas.empty() ? "parallelism" : shape.replicas];
    group.replicas = shape.replicas.empty() ? (job ? job_pods(owner) : 1) : count_of(group.replicas_at, 1);
    for (const Spot& inner : spots_at(owner, shape.factor.empty() ? "-" : shape.factor))
        group.replicas = std::min(most, group.replicas * job_pods(inner));
    group.volumes = group.spec["volumes"];
    add_containers(group);
    workload.groups.push_back(std::move(group));
}

// A TrainJob has no template of its own, only what replaces a part of its runtime's.
void add_trainer(const Object& object, Workload& workload) {
    const Spot trainer = workload.spec["trainer"];
    workload.course = batch;
    workload.distributed = workload.trains = true;
    if (!trainer) return;
    PodGroup group;
    group.owner = trainer;
    group.replicas_at = trainer["numNodes"];
    group.replicas = count_of(group.replicas_at, 1);
    group.metadata = object.root["metadata"];
    group.containers.push_back(make_container(trainer, Role::main, "resourcesPerNode"));
    workload.groups.push_back(std::move(group));
}

void add_others(const Object& object, Workload& workload) {
    for (const PodTemplate& model : object.templates) {
        if (!model.spec.is(yaml::Kind::mapping)) continue;
        PodGroup group;
        group.metadata = model.metadata;
        group.owner = group.spec = model.spec;
        group.argo = model.argo;
        group.name = model.argo ? std::string(model.spec["name"].text()) : "";
        group.volumes = model.argo ? workload.spec["volumes"] : model.spec["volumes"];
        add_containers(group);
        if (model.argo && group.containers.empty()) continue;  // a graph or steps
        workload.groups.push_back(std::move(group));
        if (model.argo) workload.course = batch;
    }
}

// Pods of other kinds than Jobs that end: those that are not restarted.
void set_course(Workload& workload) {
    if (workload.groups.empty() || workload.object->kind != "Pod") return;
    const std::string_view policy = workload.groups.front().spec["restartPolicy"].text();
    if (policy == "Never" || policy == "OnFailure") workload.course = batch;
}

bool says_training(const Launch& launch) {
    if (launch.launcher > Launcher::python) return launch.launcher != Launcher::mpirun;
    if (launch.flag({"num_train_epochs", "per_device_train_batch_size", "resume_from_checkpoint"}) != nullptr)
        return true;
    const std::string script = lower(launch.script);
    return std::ranges::any_of(std::array{"train", "finetune", "fine_tune", "fine-tune", "sft", "dpo", "ppo"},
                               [&](const char* word) { return script.find(word) != std::string::npos; });
}

bool trains(const Workload& workload) {
    // An MPIJob may compute anything.
    const bool mpi = workload.object->kind == "MPIJob";
    if (group_of(workload.object->api_version) == "kubeflow.org" && (!mpi || workload.has_gpu())) return true;
    for (const PodGroup& group : workload.groups) {
        for (const Container& container : group.containers) {
            const Launch& launch = container.launch;
            if (container.role == Role::main && says_training(launch) && (workload.batch() || launch.is_distributed()))
                return true;
        }
    }
    return false;
}

}  // namespace

Value Container::env(std::string_view name) const {
    for (const yaml::Node& node : Value(spot)["env"].items()) {
        if (Value(node)["name"].text() == name) return node;
    }
    return {};
}

std::string_view Container::env_text(std::string_view name) const {
    const Value value = env(name)["value"];
    return value && value.node()->is_scalar() ? std::string_view(value.node()->text) : std::string_view();
}

Container::Told Container::told(std::string_view name) const {
    for (std::size_t i = std::min(launch.command + 1, launch.commands.size()); i-- > 0;) {
        const LaunchedCommand& command = launch.commands[i];
        bool execs = false;
        const std::size_t own = command.words.size() - program_of(command, execs).size();
        // "A=1 program", "env A=1 program"; in a shell "A=1" and "export A=1" hold for what comes after.
        if (i != launch.command && own != command.words.size()) continue;
        for (std::size_t k = own; k-- > 0;) {
            const std::string& word = command.words[k];
            if (assigned_name(word) == name) return {word.substr(name.size() + 1), entry(command.item_of(word))};
        }
    }
    for (const Spot& variable : spot["env"].items()) {
        if (variable["name"].text() == name && variable["value"])
            return {std::string(variable["value"].text()), variable};
    }
    return {};
}

std::optional<Quantity> Container::limit(std::string_view resource) const {
    const std::optional<Quantity> limit = quantity_at(resources["limits"][resource]);
    return limit ? limit : quantity_at(resources["requests"][resource]);
}

Value Container::mount_over(std::string_view path) const {
    Value best;
    std::size_t length = 0;
    for (const yaml::Node& node : Value(spot)["volumeMounts"].items()) {
        std::string_view mount = Value(node)["mountPath"].text();
        while (mount.size() > 1 && mount.ends_with('/')) mount.remove_suffix(1);
        const bool over =
            path.starts_with(mount) && (path.size() == mount.size() || mount == "/" || path[mount.size()] == '/');
        if (mount.empty() || !over || mount.size() < length) continue;
        best = node;
        length = mount.size();
    }
    return best;
}

Spot Container::entry(std::size_t item) const {
    for (const char* list : {"command", "args"}) {
        const Spot entries = spot[list];
        const std::size_t size = Value(entries).items().size();
        if (item < size) {
            const yaml::Node& node = entries.node->items[item];
            return {&node, nullptr, join_path(entries.path, item), node.line, node.column};
        }
        item -= size;
    }
    return spot;
}

std::int64_t PodGroup::gpus() const {
    std::int64_t sum = 0;
    for (const Container& container : containers) {
        if (container.role != Role::init) sum = std::min(most, sum + container.gpus);
    }
    return sum;
}

bool PodGroup::claims() const {
    return std::ranges::any_of(containers, &Container::claims);
}

const Container* PodGroup::trainer() const {
    const Container* best = nullptr;
    const auto rank = [](const Container& one) {
        return (one.launch.is_distributed() ? 4 : 0) + (one.has_gpu() ? 2 : 0) +
               (one.launch.launcher == Launcher::python ? 1 : 0);
    };
    for (const Container& container : containers) {
        if (container.role == Role::main && (best == nullptr || rank(container) > rank(*best))) best = &container;
    }
    return best;
}

Value PodGroup::volume(std::string_view wanted) const {
    for (const yaml::Node& node : Value(volumes).items()) {
        if (!wanted.empty() && Value(node)["name"].text() == wanted) return node;
    }
    return {};
}

std::int64_t Workload::pods() const {
    std::int64_t sum = 0;
    for (const PodGroup& group : groups) sum = std::min(most, sum + group.replicas);
    return sum;
}

std::int64_t Workload::gpus() const {
    std::int64_t sum = 0;
    for (const PodGroup& group : groups) sum = std::min(most, sum + group.replicas * group.gpus());
    return sum;
}

bool Workload::has_gpu() const {
    return std::ranges::any_of(groups, &PodGroup::has_gpu);
}

bool Workload::is(std::string_view kind, std::string_view group) const {
    return object != nullptr && object->kind == kind && group_of(object->api_version) == group;
}

Workload read_workload(const Object& object) {
    Workload workload;
    workload.object = &object;
    workload.spec = object.root["spec"];
    const std::string_view group = group_of(object.api_version);
    if (group == "trainer.kubeflow.org" && object.kind == "TrainJob") {
        add_trainer(object, workload);
        return workload;
    }
    if (object.templates.empty()) return workload;
    bool known = false;
    for (const Shape& shape : shapes) {
        if (shape.kind != object.kind || shape.group != group) continue;
        known = true;
        workload.course = shape.course;
        workload.distributed = shape.distributed;
        if (shape.kind == "CronJob") workload.spec = workload.spec["jobTemplate"]["spec"];
        for (const Spot& owner : spots_at(object.root, shape.owners)) add_group(shape, object, owner, workload);
    }
    if (!known) add_others(object, workload);
    set_course(workload);
    workload.trains = trains(workload);
    return workload;
}

const Workload& workload_of(const Object& object, const Bundle& bundle) {
    LastWorkload& last = bundle.last->mine();
    if (last.object != &object) {
        last.workload = read_workload(object);
        last.object = &object;
    }
    return last.workload;
}

}  // namespace ktrain::lint
