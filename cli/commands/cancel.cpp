// `ktrain cancel`: deletes workloads; what belongs to them goes with them, volumes and namespace stay.
#include <fmt/format.h>

#include "cli/commands/ask.h"
#include "cli/commands/commands.h"
#include "cli/commands/workload_batch.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/kube/job_watch.h"

namespace ktrain {
namespace {

using namespace std::chrono_literals;

class CancelCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Name of the job, or KIND/NAME",
                                 .min = 1,
                                 .max = 0,
                                 .complete = term::Complete::job});
        flags.add(&yes_, {.name = "yes", .short_name = 'y', .help = "Do not ask; needed where nobody can be asked"});
        flags.add(&keep_data_, {.name = "keep-data",
                                .value = "WHETHER",
                                .help = "Keep volume claims that the job owns; with false they are deleted with it",
                                .choices = {"true", "false"},
                                .implied = "true"});
        flags.add(&dry_run_, {.name = "dry-run", .help = "Ask the server whether it would, delete nothing"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Print a sentence for each job (table), or its name only",
                             .choices = {"table", "name"}});
        flags.add(&wait_, {.name = "wait", .help = "Return only when the pods are gone as well"});
        flags.add(&timeout_,
                  {.name = "timeout", .value = "TIME", .help = "With --wait: give up after this time (exit code 4)"});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override;

private:
    int cancel_all(term::Session& session, Cluster& cluster, const std::vector<kube::Workload>& workloads);
    std::vector<kube::Workload> find_all(term::Session& session, Cluster& cluster) const;
    bool asked(term::Session& session, const Cluster& cluster, const std::vector<kube::Workload>& workloads) const;
    void cancel(term::Session& session, Cluster& cluster, const kube::Workload& workload) const;
    void wait_for_pods(term::Session& session, Cluster& cluster, const kube::Workload& workload) const;

    std::vector<std::string> names_;
    bool yes_ = false;
    bool dry_run_ = false;
    bool wait_ = false;
    std::string keep_data_ = "true";
    std::string output_ = "table";
    std::string timeout_ = "5m";
    std::string known_ = "nothing was deleted";  // for when it is interrupted
    ClusterFlags cluster_;
};

int CancelCommand::run(term::Session& session) {
    duration_flag("--timeout", timeout_);
    for (const std::string& name : names_) kube::parse_workload_name(name);
    if (!yes_ && !dry_run_ && !session.in.is_terminal()) agreed(session, false, "delete " + join(names_, ", "));
    Cluster cluster = cluster_.open(session);
    const int code = until_stopped(session, "", [&]() -> int {
        const std::vector<kube::Workload> workloads = find_all(session, cluster);
        if (workloads.empty()) return exit_code::done;
        if (!asked(session, cluster, workloads)) {
            if (session.clock.stop_signal() != 0) return stopped_code(session);
            session.note("nothing was deleted");
            return exit_code::no;
        }
        return cancel_all(session, cluster, workloads);
    });
    if (session.clock.stop_signal() != 0 && code != exit_code::done) session.note("interrupted; " + known_);
    return code;
}

// Those that are there; the others need no deletion.
std::vector<kube::Workload> CancelCommand::find_all(term::Session& session, Cluster& cluster) const {
    std::vector<kube::Workload> out;
    for (const std::string& name : names_) {
        try {
            out.push_back(find_workload(session, cluster, kube::parse_workload_name(name)));
        } catch (const Error& error) {
            if (error.kind != ErrorKind::not_found) throw;
            session.note(error.message + ": nothing to do");
        }
    }
    return out;
}

bool CancelCommand::asked(term::Session& session, const Cluster& cluster,
                          const std::vector<kube::Workload>& workloads) const {
    std::vector<std::string> labels;
    for (const kube::Workload& one : workloads) labels.push_back(one.label());
    return agreed(session, yes_ || dry_run_,
                  fmt::format("delete {} in namespace {}", join(labels, ", "), cluster.connection.namespace_));
}

int CancelCommand::cancel_all(term::Session& session, Cluster& cluster, const std::vector<kube::Workload>& workloads) {
    const std::string words = cluster_words(cluster_, cluster.connection.namespace_);
    std::size_t tried = 0;
    for_each_workload(session, workloads, "the deletion", [&](const kube::Workload& workload) {
        const std::string name = workload.name();
        ++tried;
        if (!dry_run_)
            known_ = fmt::format("whether job {0} was deleted is unknown; see: ktrain status {0}{1}", name, words);
        cancel(session, cluster, workload);
        if (dry_run_) return;
        known_ = fmt::format("job {} is deleted, its pods may still be ending", name);
        if (wait_) wait_for_pods(session, cluster, workload);
    });
    if (session.clock.stop_signal() == 0) return exit_code::done;
    if (tried < workloads.size()) known_ = fmt::format("job {} was not deleted", workloads[tried].name());
    return stopped_code(session);
}

void CancelCommand::cancel(term::Session& session, Cluster& cluster, const kube::Workload& workload) const {
    const std::string& in_namespace = cluster.connection.namespace_;
    if (keep_data_ == "true" && !dry_run_) keep_claims(session, cluster, workload);
    bool was_there = false;
    try {
        was_there =
            cluster.client->remove(workload.resource, in_namespace, workload.name(), workload.uid(), dry_run_, true);
    } catch (const Error& error) {
        if (!kube::is_replaced(*cluster.client, in_namespace, workload, error)) throw;
        throw Error(
            ErrorKind::conflict,
            fmt::format("{} is gone, and another one has its name: that was not deleted", workload.label()), {},
            fmt::format("look at it: ktrain status {}{}", workload.name(), cluster_words(cluster_, in_namespace)));
    }
    show_warnings(session, *cluster.client);
    if (was_there)
        session.out.write(workload.label() + (output_ == "name" ? "\n"
                                              : dry_run_        ? " deleted (server dry run)\n"
                                                                : " deleted\n"));
    else
        session.note(fmt::format("there is no {} in namespace \"{}\": nothing to do", workload.label(), in_namespace));
}

// Until a stop signal comes. Errors: Error{timed_out}.
void CancelCommand::wait_for_pods(term::Session& session, Cluster& cluster, const kube::Workload& workload) const {
    const std::string selector = kube::pod_selector(*workload.kind, workload.object);
    if (selector.empty()) return;
    kube::Feed pods(*cluster.client, *kube::built_in_resource("v1", "Pod"), cluster.connection.namespace_,
                    {selector, ""});
    const auto timeout = duration_flag("--timeout", timeout_);
    const auto began = session.clock.steady();
    for (;;) {
        pods.step();
        if (pods.listed() && pods.objects().empty()) return;
        if (session.clock.stop_signal() != 0) return;
        if (session.clock.steady() - began >= timeout) {
            throw Error(ErrorKind::timed_out,
                        fmt::format("{} pods of job {} are still there after {}", pods.objects().size(),
                                    workload.name(), human_duration(timeout)),
                        {},
                        "they get their grace period to write a checkpoint; look at them: kubectl get pods" +
                            cluster_words(cluster_, cluster.connection.namespace_));
        }
        cluster.client->turn(200ms);
    }
}

}  // namespace

std::unique_ptr<Subcommand> make_cancel() {
    return std::make_unique<CancelCommand>();
}

}  // namespace ktrain
