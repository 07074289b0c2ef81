// How training jobs end: on SIGTERM, at a deadline, and what is left of them.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

// Where kinds keep what ends and removes a job; paths from spec.
struct Ending {
    std::string_view group, kind;
    std::string_view holder;    // of both; empty: spec
    std::string_view deadline;  // empty: the kind has none, or it is no job by itself
    std::string_view ttl;       // empty: as above
    bool clean;                 // cleanPodPolicy
};

constexpr std::string_view deadline_name = "activeDeadlineSeconds";
constexpr std::string_view ttl_name = "ttlSecondsAfterFinished";
constexpr std::array endings{
    Ending{"argoproj.io", "Workflow", "", deadline_name, "ttlStrategy", false},
    Ending{"batch", "CronJob", "", deadline_name, "", false},
    Ending{"batch", "Job", "", deadline_name, ttl_name, false},
    Ending{"batch.volcano.sh", "Job", "", "", ttl_name, false},
    Ending{"jobset.x-k8s.io", "JobSet", "", "", ttl_name, false},
    Ending{"kubeflow.org", "JAXJob", "runPolicy", deadline_name, ttl_name, true},
    Ending{"kubeflow.org", "MPIJob", "runPolicy", deadline_name, ttl_name, true},
    Ending{"kubeflow.org", "PaddleJob", "runPolicy", deadline_name, ttl_name, true},
    Ending{"kubeflow.org", "PyTorchJob", "runPolicy", deadline_name, ttl_name, true},
    Ending{"kubeflow.org", "TFJob", "runPolicy", deadline_name, ttl_name, true},
    Ending{"kubeflow.org", "XGBoostJob", "runPolicy", deadline_name, ttl_name, true},
    Ending{"ray.io", "RayJob", "", deadline_name, ttl_name, false},
    Ending{"trainer.kubeflow.org", "TrainJob", "", deadline_name, "", false},
};

// Whether jobs of the runtime that a TrainJob names have a deadline of their own.
bool runtime_has_deadline(const Training& training) {
    const Spot ref = training.work.spec["runtimeRef"];
    const bool own = ref["kind"].text() == "TrainingRuntime";
    const std::string space = own ? std::string(space_of(*training.work.object)) : "";
    const Object* runtime = training.bundle.first("trainer.kubeflow.org/" + std::string(own ? "" : "Cluster") +
                                                  "TrainingRuntime/" + space + "/" + std::string(ref["name"].text()));
    if (runtime == nullptr) return false;
    const Value jobs = Value(runtime->root)["spec"]["template"]["spec"]["replicatedJobs"];
    return std::ranges::any_of(jobs.items(), [](const yaml::Node& job) {
        return bool(Value(job)["template"]["spec"]["activeDeadlineSeconds"]);
    });
}

// Whether a container's pod has a deadline of its own; those of a Workflow may have a timeout instead, or both from the
// defaults of templates.
bool pods_have_deadline(const Workload& work) {
    const Spot defaults = work.spec["templateDefaults"];
    if (defaults[deadline_name] || defaults["timeout"]) return true;
    return std::ranges::any_of(work.groups, [](const PodGroup& group) {
        return group.spec[deadline_name] || group.owner["template"]["spec"][deadline_name] ||
               (group.argo && group.spec["timeout"]);
    });
}

// Whether Kueue ends the job, which it does with those of a queue.
bool queue_has_deadline(const Workload& work) {
    const Spot labels = work.object->root["metadata"]["labels"];
    return labels["kueue.x-k8s.io/queue-name"] && labels["kueue.x-k8s.io/max-exec-time-seconds"];
}

void check_ttl(const Training& training, const Ending& ending, const Spot& holder) {
    const Spot ttl = holder[ending.ttl];
    const Spot metadata = training.work.object->root["metadata"];
    if (metadata["ownerReferences"]) return;  // what owns it removes it
    if (!ttl) {
        Diagnostic& found =
            training.add("KR309", ttl.place(), "nothing removes the job and its pods once it has ended",
                         "set " + std::string(ending.ttl) +
                             (ending.ttl == ttl_name ? ": 86400 (a day)" : ", with secondsAfterCompletion"));
        if (ending.ttl != ttl_name) return;
        if (ending.holder.empty())
            found.changes.push_back(added(holder, {ttl_name}, 86400));
        else
            found.changes.push_back(added(training.work.spec, {ending.holder, ttl_name}, 86400));
        return;
    }
    const std::optional<std::int64_t> seconds = Value(ttl).number();
    if (!seconds || *seconds >= 600) return;
    training.add("KR309", ttl.place(),
                 "the logs are gone " + std::to_string(*seconds) + " s after the end: nobody can read why it failed",
                 "keep the pods for 600 s at least", Severity::info);
}

void check_settings(const Training& training) {
    const Workload& work = training.work;
    const auto ending = std::ranges::find_if(endings, [&](const Ending& one) { return work.is(one.kind, one.group); });
    if (ending == endings.end()) return;
    const Spot holder = ending->holder.empty() ? work.spec : work.spec[ending->holder];
    if (!ending->deadline.empty() && work.has_gpu() && !holder[ending->deadline] && !pods_have_deadline(work) &&
        !queue_has_deadline(work) && !(work.object->kind == "TrainJob" && runtime_has_deadline(training)))
        training.add("KR308", holder[ending->deadline].place(),
                     "nothing ends the job when it hangs, and its " +
                         (work.gpus() == 1 ? std::string("GPU is") : std::to_string(work.gpus()) + " GPUs are") +
                         " held for ever",
                     "set " + std::string(deadline_name) +
                         (ending->holder.empty() ? "" : " under " + std::string(ending->holder)) +
                         " to twice the time it should take");
    if (!ending->ttl.empty()) check_ttl(training, *ending, holder);
    if (ending->clean && !holder["cleanPodPolicy"] && work.pods() > 1)
        training
            .add("KR316", holder["cleanPodPolicy"].place(),
                 "pods that still run when the job ends are kept, and their GPUs with them: cleanPodPolicy is None "
                 "where it is not set",
                 "write cleanPodPolicy: Running under runPolicy")
            .changes.push_back(added(work.spec, {ending->holder, "cleanPodPolicy"}, "Running"));
}

// Where the last line of the script begins that is no comment, with the lines that a backslash joins to it.
std::size_t last_line(std::string_view script) {
    std::size_t begin = std::string_view::npos;
    bool joined = false;
    for (std::size_t from = 0; from < script.size();) {
        const std::size_t end = std::min(script.find('\n', from), script.size());
        const std::string_view line = trim(script.substr(from, end - from));
        if (!joined && !line.empty() && !line.starts_with('#')) begin = from;
        joined = line.ends_with('\\');
        from = end + 1;
    }
    return begin;
}

// Whether the line may be more than one simple command, or one that another needs: lists, pipes, groups, background.
// Variables and redirections ("2>&1") are none of these.
bool may_be_compound(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const std::string_view here = line.substr(i);
        if (here.starts_with("${") || here.starts_with("$(")) {
            const std::size_t end = line.find(line[i + 1] == '{' ? '}' : ')', i);
            if (end == std::string_view::npos) return true;
            const std::string_view name = line.substr(i + 2, end - i - 2);
            if (name.find_first_of(" ;&|`(") != std::string_view::npos) return true;
            i = end;
        } else if (here.starts_with(">&")) {
            ++i;
        } else if (std::string_view(";&|`(){}").find(line[i]) != std::string_view::npos) {
            return true;
        }
    }
    return line.find("<<") != std::string_view::npos;
}

bool calls(const ShellCommand& command, std::string_view program) {
    return std::ranges::find(command.words, program) != command.words.end();
}

// "torchrun train.py" -> "exec torchrun train.py", where nothing else depends on the shell that goes: the launcher is
// called once, in the last line of the script, which is that one command, and there is no trap. Else empty.
std::string with_exec(std::string_view script, const std::string& program) {
    const std::size_t line = last_line(script);
    if (line == std::string_view::npos) return "";
    const std::size_t at = script.find_first_not_of(" \t", line);
    const std::string_view before = trim(script.substr(0, at)), rest = script.substr(at);
    if (!rest.starts_with(program + " ") || may_be_compound(rest)) return "";
    if (!before.empty() && std::string_view("&|({").find(before.back()) != std::string_view::npos) return "";
    const std::vector<ShellCommand> all = read_shell(script, {}), above = read_shell(before, {});
    const std::vector<ShellCommand> last = read_shell(rest, {});
    // The line is one command, and begins outside of quotes and here-documents of the lines above.
    if (last.size() != 1 || all.size() != above.size() + 1 || all.back().words.front() != program) return "";
    if (std::ranges::any_of(above, [&](const ShellCommand& one) { return calls(one, "trap") || calls(one, program); }))
        return "";
    return std::string(script.substr(0, at)) + "exec " + std::string(rest);
}

// Whether the words hand SIGTERM on: they kill, or call a function of the script, which kills somewhere.
bool hands_on(std::string_view action, const Launch& launch) {
    for (const ShellCommand& one : read_shell(action, {})) {
        if (calls(one, "kill") || calls(one, "pkill")) return true;
        const bool own = std::ranges::any_of(launch.commands, [&](const LaunchedCommand& command) {
            return command.words.size() == 1 && command.words.front() == one.words.front();  // "name()"
        });
        const bool kills = std::ranges::any_of(launch.commands, [](const LaunchedCommand& command) {
            return !command.words.empty() && (command.words.front() == "kill" || command.words.front() == "pkill");
        });
        if (own && kills) return true;
    }
    return false;
}

// Whether the shell passes SIGTERM on: a trap for it, and the training in the background, which alone lets the trap run
// before the training has ended. Source: POSIX.1-2017, Shell Command Language, 2.11.
bool passes_signals(const Launch& launch) {
    if (!launch.background) return false;
    bool waits = false, trapped = false;
    for (const LaunchedCommand& command : launch.commands) {
        const std::vector<std::string>& words = command.words;
        waits = waits || (!words.empty() && words.front() == "wait");
        if (words.size() < 3 || words.front() != "trap") continue;
        const std::size_t action = words[1] == "--" ? 2 : 1;
        const bool of_term =
            std::any_of(words.begin() + static_cast<std::ptrdiff_t>(action), words.end(),
                        [](const std::string& word) { return word == "TERM" || word == "SIGTERM" || word == "15"; });
        trapped = trapped || (of_term && hands_on(words[action], launch));
    }
    return waits && trapped;
}

void check_signals(const Training& training, const Container& container) {
    const Launch& launch = container.launch;
    if (launch.replaces_shell || !launch.in_shell || container.spot["lifecycle"]["preStop"]) return;
    if (launch.launcher == Launcher::none || passes_signals(launch)) return;
    const Spot script = container.entry(launch.item);
    Diagnostic& found = training.add("KR307", script.place(),
                                     "a shell stands between the kubelet and " + std::string(name_of(launch.launcher)) +
                                         ": SIGTERM ends the shell, and the training is killed without a checkpoint",
                                     "write exec in front of the last command, and no pipe behind it");
    const LaunchedCommand& last = launch.commands.back();
    if (last.piped || last.words.empty() || !assigned_name(last.words.front()).empty() || launch.commands.size() < 2)
        return;
    const std::string mended = with_exec(script.text(), last.words.front());
    // The last command is the one that the finding is about.
    if (!mended.empty() && read_launch({"sh", "-c", mended}, {}).replaces_shell)
        found.changes.push_back(replaced(script, mended));
}

}  // namespace

void check_ends(Training& training) {
    if (!training.work.batch()) return;
    check_settings(training);
    if (!training.work.trains) return;
    for (const PodGroup& group : training.work.groups) {
        for (const Container& container : group.containers) {
            if (container.role == Role::main) check_signals(training, container);
        }
    }
}

}  // namespace ktrain::lint
