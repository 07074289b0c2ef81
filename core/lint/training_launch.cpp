// How launchers are called: processes and nodes against GPUs and pods, hostfiles, and pods without a command.
#include <algorithm>
#include <array>
#include <utility>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

// Whether the option is an entry of its own ("--nproc_per_node=4"), which a change may replace.
bool is_entry(const Container& container, const Option& option) {
    const std::string_view text = container.at(option).text();
    return !container.launch.in_shell && text.ends_with("=" + option.value) && text.starts_with("-");
}

Json entry_with(const Container& container, const Option& option, std::int64_t number) {
    std::string text(container.at(option).text());
    text.resize(text.size() - option.value.size());
    return text + std::to_string(number);
}

std::string written(const Option& option) {
    std::string name = option.name;
    return "--" + printable(name) + (option.value.empty() ? "" : " " + printable(option.value.substr(0, 40)));
}

// Containers of several groups that have the same command, GPUs and mounts are checked as one.
using Twins = std::vector<const Container*>;

void replace_number(const Twins& twins, const Option& option, std::int64_t number, Diagnostic& found) {
    for (const Container* twin : twins) {
        if (is_entry(*twin, option))
            found.changes.push_back(replaced(twin->at(option), entry_with(*twin, option, number)));
    }
}

void check_processes(const Training& training, const Twins& twins) {
    const Container& container = *twins.front();
    const Option* option = container.launch.processes_per_node();
    const std::optional<std::int64_t> count = option != nullptr ? option->number() : std::nullopt;
    if (!count || container.gpus == 0 || *count == container.gpus) return;
    const bool more = *count > container.gpus;
    Diagnostic& found = training.add(
        "KD201", container.at(*option).place(),
        written(*option) + " starts " + std::to_string(*count) + " processes in a container with " +
            std::to_string(container.gpus) + " GPUs: " + (more ? "those without one fail" : "the others stay idle"),
        "make it the number of GPUs, " + std::to_string(container.gpus), more ? Severity::error : Severity::warning);
    replace_number(twins, *option, container.gpus, found);
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
        const Json mended = there.is(yaml::Kind::integer) ? Json(group.gpus()) : Json(std::to_string(group.gpus()));
        training
            .add("KD201", there.place(),
                 std::to_string(*count) + " processes for each pod, which has " + std::to_string(group.gpus()) +
                     " GPUs: " + (more ? "those without one fail" : "the others stay idle"),
                 "make it the number of GPUs, " + std::to_string(group.gpus()),
                 more ? Severity::error : Severity::warning)
            .changes.push_back(replaced(there, mended));
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

void check_nodes_of(const Training& training, const PodGroup& group, const Twins& twins) {
    const Container& container = *twins.front();
    const Option* option = container.launch.nodes();
    if (option == nullptr || container.launch.standalone() || training.work.is("MPIJob", "kubeflow.org")) return;
    // Of these the number of pods may be written elsewhere.
    if (training.work.object->kind.ends_with("Runtime")) return;
    if (training.work.is("TrainJob", "trainer.kubeflow.org") && !group.replicas_at) return;
    const Spot at = container.at(*option);
    const std::int64_t pods = pods_with(training, group);
    if (option->value == "$(WORLD_SIZE)" || option->value == "$WORLD_SIZE" || option->value == "${WORLD_SIZE}") {
        const Spot each = training.work.spec["nprocPerNode"];
        Option number;
        number.value = each.text();
        if (!training.work.is("PyTorchJob", "kubeflow.org") || container.env("WORLD_SIZE")) return;
        const bool wrong = number.number().value_or(1) > 1;
        training.add("KD202", at.place(),
                     written(*option) +
                         " is the number of pods only while nprocPerNode is not a number: the operator " +
                         "sets WORLD_SIZE to all processes",
                     "write $(PET_NNODES), or the number of pods, " + std::to_string(pods),
                     wrong ? Severity::error : Severity::warning);
        return;
    }
    const std::optional<std::int64_t> count = option->number();
    const bool of_job = training.work.is("JobSet", "jobset.x-k8s.io") || training.work.is("Job", "batch.volcano.sh");
    if (!count || *count < 2 || *count == pods || (of_job && *count == training.work.pods())) return;
    Diagnostic& found = training.add("KD202", at.place(),
                                     written(*option) + " waits for " + std::to_string(*count) + " nodes, and there " +
                                         (pods == 1 ? "is 1 pod" : "are " + std::to_string(pods) + " pods"),
                                     "make both the same", Severity::error);
    if (pods > 1) replace_number(twins, *option, pods, found);
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
        training.add("KD204", container.at(*file).place(),
                     written(*file) + " is there in an MPIJob alone, and this is a " + training.work.object->kind,
                     "use an MPIJob, or torchrun with the addresses that the operator sets", Severity::error);
        return;
    }
    const Option* nodes = launch.nodes();
    if (launch.launcher != Launcher::deepspeed || file != nullptr || nodes == nullptr) return;
    if (nodes->number().value_or(1) < 2 || launch.option({"launcher", "no_ssh"}) != nullptr) return;
    if (container.mount_over("/job/hostfile")) return;  // where it looks without the option
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
        check_processes(training, twins);
        check_nodes_of(training, *group, twins);
        check_machine_rank(training, *group, *twins.front());
        check_legacy(training, *twins.front());
        check_hostfile(training, *twins.front());
    }
}

}  // namespace ktrain::lint
