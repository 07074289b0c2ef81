// How launchers are called: processes and nodes against GPUs and pods, hostfiles, and pods without a command.
#include <algorithm>
#include <array>
#include <utility>

#include "core/base/article.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

std::string written(const Option& option) {
    return option.shown() + (option.value.empty() ? "" : " " + printable(option.value.substr(0, 40)));
}

// Containers of several groups that have the same command, GPUs and mounts are checked as one.
using Twins = std::vector<const Container*>;

// The processes that the launcher starts in one pod, as an option of its own says, and on how many pods it counts.
struct Processes {
    const Option* option = nullptr;
    std::int64_t here = 0, nodes = 1;
};

std::optional<Processes> processes_of(const Launch& launch) {
    const Option* of_all = launch.processes();
    const Option* option = of_all != nullptr ? of_all : launch.processes_per_node();
    const std::optional<std::int64_t> count = option != nullptr ? option->number() : std::nullopt;
    if (!count) return std::nullopt;
    const Option* nodes = launch.nodes();
    if (of_all == nullptr || nodes == nullptr) return Processes{option, *count};
    const std::int64_t machines = nodes->number().value_or(0);
    if (machines < 1) return std::nullopt;
    return Processes{option, (*count + machines - 1) / machines, machines};
}

// The GPUs that the launchers of the container's script use at most, or may: of those in the background all together.
// None where it is not known of one.
std::optional<std::int64_t> used_at_most(const Launch& launch) {
    const bool together =
        launch.background || std::ranges::any_of(launch.others, [](const Launch& one) { return one.background; });
    std::int64_t most = 0, sum = 0;
    const auto add = [&](const Launch& one) {
        const std::optional<Processes> processes = processes_of(one);
        const std::int64_t count = processes ? std::min<std::int64_t>(processes->here, 1'000'000) : 0;
        most = std::max(most, count);
        sum += count;
        return processes.has_value();
    };
    if (!add(launch) || !std::ranges::all_of(launch.others, add)) return std::nullopt;
    return together ? sum : most;
}

std::string gpus_of(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " GPU" : " GPUs");
}

void check_processes(const Training& training, const Twins& twins, std::int64_t pods) {
    const Container& container = *twins.front();
    const std::optional<Processes> started = processes_of(container.launch);
    if (!started || container.gpus == 0 || started->here == container.gpus) return;
    if (started->nodes > 1 && started->nodes != pods) return;  // KD202
    const bool more = started->here > container.gpus;
    if (!more && used_at_most(container.launch).value_or(container.gpus) >= container.gpus) return;
    const std::int64_t wanted = container.gpus * started->nodes;
    const std::string here = std::to_string(started->here) + (started->here == 1 ? " process" : " processes");
    training.add("KD201", container.at(*started->option).place(),
                 written(*started->option) + " starts " + here + " in a container with " + gpus_of(container.gpus) +
                     ": " + (more ? "those without one fail" : "the others stay idle"),
                 started->nodes == 1 ? "make it the number of GPUs, " + std::to_string(wanted)
                                     : "make it the number of GPUs of all machines, " + std::to_string(wanted),
                 more ? Severity::error : Severity::warning);
}

// The number of processes that the job itself names for each pod.
void check_processes_of_job(const Training& training) {
    const Workload& work = training.work;
    const bool train_job = work.is("TrainJob", "trainer.kubeflow.org");
    if (!train_job && !work.is("PyTorchJob", "kubeflow.org")) return;
    const Spot there = train_job ? work.spec["trainer"]["numProcPerNode"] : work.spec["nprocPerNode"];
    Option number;
    number.value = there.text();
    const std::optional<std::int64_t> count = number.number();
    for (const PodGroup& group : work.groups) {
        if (!count || group.gpus() == 0 || group.gpus() == *count) continue;
        const bool more = *count > group.gpus();
        training.add("KD201", there.place(),
                     std::to_string(*count) + " processes for each pod, which has " + std::to_string(group.gpus()) +
                         " GPUs: " + (more ? "those without one fail" : "the others stay idle"),
                     "make it the number of GPUs, " + std::to_string(group.gpus()),
                     more ? Severity::error : Severity::warning);
        return;
    }
}

// Pods that start their own launcher: all of a PyTorchJob, those of a Job.
std::int64_t pods_with(const Training& training, const PodGroup& group) {
    return training.work.is("PyTorchJob", "kubeflow.org") ? training.work.pods() : group.replicas;
}

// The rank of a machine stands in a flag, or in a file, which is the same for all pods.
void check_machine_rank(const Training& training, const PodGroup& group, const Container& container) {
    const Launch& launch = container.launch;
    const std::int64_t pods = pods_with(training, group);
    const bool joint = training.work.distributed || (launch.nodes() != nullptr && launch.nodes()->number() > 1);
    if (launch.launcher != Launcher::accelerate || pods < 2 || !joint || launch.node_rank() != nullptr) return;
    training.add("KD202", container.entry(launch.item).place(),
                 "accelerate launch has no --machine_rank: each of " + std::to_string(pods) +
                     " pods takes itself for the first machine",
                 "pass --num_machines and --machine_rank=$(PET_NODE_RANK), or use torchrun", Severity::warning);
}

// "2:4", or a number, which is both.
struct Nodes {
    std::int64_t least = 0, most = 0;
};

std::optional<Nodes> nodes_in(const Option& option) {
    const std::size_t colon = option.value.find(':');
    Option least{"", option.value.substr(0, colon)}, most{"", option.value.substr(colon + 1)};
    const auto from = least.number(), to = colon == std::string::npos ? from : most.number();
    return from && to && *from <= *to ? std::optional(Nodes{*from, *to}) : std::nullopt;
}

// A number of nodes that is that of processes, or not.
bool check_world_size(const Training& training, const Option& option, const Container& container, std::int64_t pods) {
    if (option.value != "$(WORLD_SIZE)" && option.value != "$WORLD_SIZE" && option.value != "${WORLD_SIZE}")
        return false;
    Option number;
    number.value = training.work.spec["nprocPerNode"].text();
    if (!training.work.is("PyTorchJob", "kubeflow.org") || container.env("WORLD_SIZE")) return true;
    const bool wrong = number.number().value_or(1) > 1;
    training.add("KD202", container.at(option).place(),
                 written(option) + " is the number of pods only while nprocPerNode is not a number: the operator " +
                     "sets WORLD_SIZE to all processes",
                 "write $(PET_NNODES), or the number of pods, " + std::to_string(pods),
                 wrong ? Severity::error : Severity::warning);
    return true;
}

// Pods of one training whose launcher knows of its own alone.
void check_alone(const Training& training, const Container& container, std::int64_t pods) {
    const Launch& launch = container.launch;
    const Option* one = launch.option({"standalone"});
    const Option* nodes = launch.nodes();
    if (one == nullptr && nodes != nullptr && nodes->number() == 1) one = nodes;
    const bool joined =
        training.work.is("PyTorchJob", "kubeflow.org") || training.work.is("TrainJob", "trainer.kubeflow.org");
    if (one == nullptr || !joined || pods < 2) return;
    training.add(
        "KD202", container.at(*one).place(),
        written(*one) + " makes each of " + std::to_string(pods) + " pods train by itself, all of them the same",
        "remove it: the operator sets PET_NNODES and the address of the first pod", Severity::warning);
}

// Whether the number of nodes fits the pods.
bool is_met(const Training& training, const PodGroup& group, const Container& container, const Nodes& nodes) {
    const Workload& work = training.work;
    const std::int64_t pods = pods_with(training, group);
    const bool of_job = work.is("JobSet", "jobset.x-k8s.io") || work.is("Job", "batch.volcano.sh");
    const auto fits = [&](std::int64_t count) { return count >= nodes.least && count <= nodes.most; };
    if (nodes.most < 2 || fits(pods) || (of_job && fits(work.pods()))) {
        // Without a backend that can, torchrun waits for the most. Source: PyTorch, static_tcp_rendezvous.py.
        const bool fixed = work.is("PyTorchJob", "kubeflow.org") && !work.spec["elasticPolicy"] &&
                           container.launch.option({"rdzv_backend"}) == nullptr && !container.env("PET_RDZV_BACKEND");
        return nodes.least == nodes.most || !fixed || nodes.most == pods;
    }
    // What does not run at a time is KD213.
    return work.is("Job", "batch") && fits(Value(work.spec["completions"]).number().value_or(0));
}

void check_nodes_of(const Training& training, const PodGroup& group, const Twins& twins) {
    const Container& container = *twins.front();
    const Option* option = container.launch.nodes();
    // Of these the number of pods may be written elsewhere.
    if (training.work.object->kind.ends_with("Runtime") || training.work.is("MPIJob", "kubeflow.org")) return;
    if (training.work.is("TrainJob", "trainer.kubeflow.org") && !group.replicas_at) return;
    const std::int64_t pods = pods_with(training, group);
    check_alone(training, container, pods);
    if (option == nullptr || container.launch.standalone()) return;
    if (check_world_size(training, *option, container, pods)) return;
    const std::optional<Nodes> nodes = nodes_in(*option);
    if (!nodes || is_met(training, group, container, *nodes)) return;
    const std::int64_t waits = pods < nodes->least ? nodes->least : nodes->most;
    training.add("KD202", container.at(*option).place(),
                 written(*option) + " waits for " + std::to_string(waits) + " nodes, and there " +
                     (pods == 1 ? "is 1 pod" : "are " + std::to_string(pods) + " pods"),
                 nodes->least == nodes->most ? "make both the same"
                                             : "write the number of pods, or set elasticPolicy for a range",
                 Severity::error);
}

void check_legacy(const Training& training, const Container& container) {
    const Launch& launch = container.launch;
    if (launch.launcher != Launcher::torch_launch) return;
    const Option* use_env = launch.option({"use_env"});
    Diagnostic& found = training.add(
        "KD203", container.entry(launch.item).place(),
        use_env != nullptr
            ? "torch.distributed.launch is deprecated"
            : "torch.distributed.launch is deprecated, and passes --local-rank, which the script must know",
        "use torchrun; the script reads its rank from LOCAL_RANK");
    if (use_env == nullptr || launch.in_shell) return;  // a script that takes --local-rank may need it
    const Spot module = container.entry(launch.item);
    for (std::size_t i = 0; i < use_env->item; ++i) {
        const Spot entry = container.entry(i);
        if (entry.text() != "torch.distributed.launch") continue;
        found.changes = {replaced(entry, "torch.distributed.run"), removed(container.at(*use_env))};
        return;
    }
}

void check_hostfile(const Training& training, const Container& container) {
    const Launch& launch = container.launch;
    if (training.work.is("MPIJob", "kubeflow.org")) return;
    const Option* file = launch.hostfile();
    if (file != nullptr && file->value.starts_with("/etc/mpi/") && !container.mount_over(file->value)) {
        training.add(
            "KD204", container.at(*file).place(),
            written(*file) + " is there in an MPIJob alone, and this is " + with_article(training.work.object->kind),
            "use an MPIJob, or torchrun with the addresses that the operator sets", Severity::error);
        return;
    }
    const Option* nodes = launch.nodes();
    if (launch.launcher != Launcher::deepspeed || file != nullptr) return;
    if (launch.option({"launcher", "no_ssh"}) != nullptr) return;
    if (container.mount_over("/job/hostfile")) return;  // where it looks without the option
    const std::int64_t pods = training.work.is("PyTorchJob", "kubeflow.org") ? training.work.pods() : 1;
    const bool elastic = bool(training.work.spec["elasticPolicy"]);  // KD214
    if (pods > 1 && !elastic && (nodes == nullptr || nodes->number() == 1)) {
        training.add("KD204", container.entry(launch.item).place(),
                     "deepspeed without a hostfile knows its own pod alone: each of " + std::to_string(pods) +
                         " pods trains by itself",
                     "use an MPIJob, or torchrun with the addresses that the operator sets", Severity::warning);
        return;
    }
    if (nodes == nullptr || nodes->number().value_or(1) < 2) return;
    training.add("KD204", container.at(*nodes).place(),
                 "deepspeed with " + written(*nodes) + " finds its nodes in a hostfile, and none is given",
                 "use an MPIJob, or torchrun with the addresses that the operator sets", Severity::error);
}

bool has_command(const Container& container) {
    return !Value(container.spot)["command"].items().empty() || !Value(container.spot)["args"].items().empty();
}

// Roles of these kinds run one program; in others (a parameter server, an sshd) they need not.
bool has_like_roles(const Workload& work) {
    return work.is("PyTorchJob", "kubeflow.org") || work.is("PaddleJob", "kubeflow.org");
}

// Whether a name speaks of one machine or process among others: node_rank, MASTER_ADDR, rdzv_endpoint, role; a rank of
// low-rank adapters does not.
bool is_of_one_role(std::string_view name) {
    std::string words = lower(name);
    std::ranges::replace(words, '-', '_');
    constexpr std::array<std::string_view, 12> parts{"addr",     "address", "endpoint", "host", "hostfile", "index",
                                                     "hostname", "ip",      "master",   "rank", "role",     "worker"};
    const std::vector<std::string> own = split(words, '_');
    if (std::ranges::find(own, std::string_view("lora")) != own.end()) return false;
    return std::ranges::any_of(
        own, [&](const std::string& part) { return std::ranges::find(parts, std::string_view(part)) != parts.end(); });
}

// Whether another role may run the same commands: they write out nothing that holds for one role alone
// ("--node_rank=0"). What operators set in each pod ("$RANK") may stand there.
bool fits_all_roles(const Launch& launch) {
    for (const LaunchedCommand& command : launch.commands) {
        for (std::size_t i = 0; i < command.words.size(); ++i) {
            const std::string_view word = command.words[i];
            const std::size_t equals = word.find('=');
            const std::string_view name = word.substr(0, equals);
            if ((!looks_like_option(word) && assigned_name(word).empty()) || !is_of_one_role(name)) continue;
            const bool next = equals == std::string_view::npos && i + 1 < command.words.size();
            const std::string_view value = next                               ? std::string_view(command.words[i + 1])
                                           : equals == std::string_view::npos ? std::string_view()
                                                                              : word.substr(equals + 1);
            if (!value.starts_with('$')) return false;
        }
    }
    return true;
}

void check_commands(const Training& training) {
    if (!has_like_roles(training.work)) return;
    const Container* with = nullptr;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer != nullptr && has_command(*trainer)) with = trainer;
    }
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (with == nullptr || trainer == nullptr || group.replicas == 0 || has_command(*trainer)) continue;
        if (with->spot["image"].text() != trainer->spot["image"].text()) continue;
        Diagnostic& found =
            training.add("KD205", trainer->spot.place(),
                         "the container of " + printable(group.name) +
                             " has neither command nor args, and that of the other role with this image has: it "
                             "starts whatever the image starts",
                         "give it the same command and args");
        if (with->launch.launcher == Launcher::deepspeed || with->launch.launcher == Launcher::mpirun) continue;
        if (!fits_all_roles(with->launch)) continue;
        for (const char* list : {"command", "args"}) {
            const Spot entries = with->spot[list];
            if (entries) found.changes.push_back(added(trainer->spot, {list}, yaml::to_json(*entries.node)));
        }
    }
}

bool are_twins(const Container& a, const Container& b) {
    const auto same_words = [](const LaunchedCommand& one, const LaunchedCommand& other) {
        return one.words == other.words;
    };
    return a.gpus == b.gpus && std::ranges::equal(a.launch.commands, b.launch.commands, same_words) &&
           Value(a.spot)["volumeMounts"].items().size() == Value(b.spot)["volumeMounts"].items().size();
}

}  // namespace

void check_launch(Training& training) {
    check_processes_of_job(training);
    check_commands(training);
    std::vector<std::pair<const PodGroup*, Twins>> seen;
    for (const PodGroup& group : training.work.groups) {
        for (const Container& container : group.containers) {
            if (container.role != Role::main || container.launch.commands.empty()) continue;
            const auto twin =
                std::ranges::find_if(seen, [&](const auto& one) { return are_twins(*one.second.front(), container); });
            if (twin == seen.end())
                seen.push_back({&group, {&container}});
            else
                twin->second.push_back(&container);
        }
    }
    for (const auto& [group, twins] : seen) {
        check_processes(training, twins, pods_with(training, *group));
        check_nodes_of(training, *group, twins);
        check_machine_rank(training, *group, *twins.front());
        check_legacy(training, *twins.front());
        check_hostfile(training, *twins.front());
    }
}

}  // namespace ktrain::lint
