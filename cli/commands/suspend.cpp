// `ktrain suspend` and `ktrain resume`: end a workload's pods and keep the workload, and start them again.
#include <fmt/format.h>

#include "cli/commands/ask.h"
#include "cli/commands/commands.h"
#include "cli/commands/workload_batch.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/shell.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

class SuspendCommand final : public Subcommand {
public:
    explicit SuspendCommand(bool suspend) : suspend_(suspend) {}

    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Name of the job, or KIND/NAME",
                                 .min = 1,
                                 .max = 0,
                                 .complete = term::Complete::job});
        if (suspend_)
            flags.add(&yes_, {.name = "yes",
                              .short_name = 'y',
                              .help = "Do not ask whether running pods may end; needed where nobody can be asked"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Print a sentence for each job (table), or its name only",
                             .choices = {"table", "name"}});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        std::vector<kube::WorkloadName> names;
        for (const std::string& name : names_) names.push_back(kube::parse_workload_name(name));
        Cluster cluster = cluster_.open(session);
        return until_stopped(session, "interrupted; see: ktrain list" + words(cluster), [&]() -> int {
            // All are looked at before any is touched.
            std::vector<kube::Workload> workloads;
            for (const auto& name : names) workloads.push_back(find_workload(session, cluster, name));
            for (const kube::Workload& one : workloads) check(cluster, one);
            int worst = exit_code::done;
            for_each_workload(session, workloads, suspend_ ? "suspending" : "resuming", [&](const kube::Workload& one) {
                if (const int code = change(session, cluster, one); code != exit_code::done) worst = code;
            });
            return session.clock.stop_signal() == 0 ? worst : stopped_code(session);
        });
    }

private:
    std::string words(const Cluster& cluster) const { return cluster_words(cluster_, cluster.connection.namespace_); }
    void check(const Cluster& cluster, const kube::Workload& workload) const;
    int change(term::Session& session, Cluster& cluster, const kube::Workload& workload) const;

    bool suspend_;
    bool yes_ = false;
    std::vector<std::string> names_;
    std::string output_ = "table";
    ClusterFlags cluster_;
};

// Errors: Error{conflict} when the field is not ours, Error{input} when there is none.
void SuspendCommand::check(const Cluster& cluster, const kube::Workload& workload) const {
    const kube::WorkloadState state = kube::workload_state(workload.object);
    const std::string verb = suspend_ ? "suspend" : "resume";
    if (!workload.kind->can_suspend())
        throw Error(
            ErrorKind::input,
            fmt::format("a {} of {} has no field that suspends it", workload.kind->kind, workload.kind->group), {},
            fmt::format(
                "Volcano does it by commands: vcctl job {} --name {} --namespace {}{}", verb, workload.name(),
                cluster.connection.namespace_,
                cluster_.choice.kubeconfig.empty() ? "" : " --kubeconfig " + shell_word(cluster_.choice.kubeconfig)));
    if (!kube::in_kueue(workload.object) || state.ended() || (suspend_ && state.phase == kube::Phase::queued)) return;
    const std::string what = suspend_ ? "stop" : "resume";
    throw Error(
        ErrorKind::conflict,
        fmt::format("Kueue decides when {} runs (queue \"{}\"): it would undo the change", workload.label(),
                    printable(state.queue)),
        {},
        fmt::format("{0} its Workload instead: kueuectl {0} workload{1} $(kubectl get workloads.kueue.x-k8s.io{1} "
                    "-l kueue.x-k8s.io/job-uid={2} -o name | cut -d/ -f2)",
                    what, words(cluster), workload.uid()));
}

int SuspendCommand::change(term::Session& session, Cluster& cluster, const kube::Workload& workload) const {
    const kube::WorkloadState state = kube::workload_state(workload.object);
    if (state.ended() || state.deleting) {
        session.note(fmt::format("{} {}", workload.label(), state.deleting ? "is being deleted" : "has ended already"));
        return suspend_ ? exit_code::done : exit_code::no;
    }
    if (kube::is_suspended(*workload.kind, workload.object) == suspend_) {
        session.note(fmt::format("{} {} already", workload.label(), suspend_ ? "is suspended" : "is not suspended"));
        if (output_ == "name") session.out.write(workload.label() + "\n");
        return exit_code::done;
    }
    if (suspend_ && (state.active > 0 || state.ready > 0) &&
        !agreed(session, yes_, fmt::format("suspend {} and end its pods", workload.label()))) {
        session.note(fmt::format("{} was not suspended", workload.label()));
        return exit_code::no;
    }
    Json patch = kube::suspend_patch(*workload.kind, suspend_);
    patch["metadata"]["uid"] = workload.uid();  // that very object, not one that came under its name meanwhile
    cluster.client->patch(workload.resource, cluster.connection.namespace_, workload.name(), patch);
    show_warnings(session, *cluster.client);
    const char* done = suspend_ ? " suspended" : " resumed";
    session.out.write(workload.label() + (output_ == "name" ? "" : done) + "\n");
    return exit_code::done;
}

}  // namespace

std::unique_ptr<Subcommand> make_suspend() {
    return std::make_unique<SuspendCommand>(true);
}

std::unique_ptr<Subcommand> make_resume() {
    return std::make_unique<SuspendCommand>(false);
}

}  // namespace ktrain
