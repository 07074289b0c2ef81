// `ktrain cancel`: deletes a job; what belongs to it goes with it, volumes and namespace stay.
#include <fmt/format.h>

#include "cli/commands/cluster_flags.h"
#include "cli/commands/commands.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/kube/feed.h"

namespace ktrain {
namespace {

using namespace std::chrono_literals;

class CancelCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(
            names_, {.name = "NAME", .help = "Name of the job", .min = 1, .max = 0, .complete = term::Complete::job});
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

    int run(term::Session& session) override {
        const auto timeout = duration_flag("--timeout", timeout_);
        Cluster cluster = cluster_.open(session);
        check_job_names(cluster, names_);
        const std::string words = cluster_words(cluster_, cluster.connection.namespace_);
        std::string known;  // about the job at hand, for when it is interrupted
        const int code = until_stopped(session, "", [&] {
            for (const std::string& name : names_) {
                if (session.clock.stop_signal() != 0) {
                    known = fmt::format("job {} was not deleted", name);
                    return stopped_code(session);
                }
                known = dry_run_ ? "nothing was deleted"
                                 : fmt::format("whether job {0} was deleted is unknown; see: ktrain status {0}{1}",
                                               name, words);
                cancel(session, cluster, name);
                if (dry_run_) continue;
                known = fmt::format("job {} is deleted, its pods may still be ending", name);
                if (wait_ && !wait_for_pods(session, cluster, name, timeout)) return stopped_code(session);
            }
            return static_cast<int>(exit_code::done);
        });
        if (code != exit_code::done) session.note("interrupted; " + known);
        return code;
    }

private:
    void cancel(term::Session& session, Cluster& cluster, const std::string& name) const;
    bool wait_for_pods(term::Session& session, Cluster& cluster, const std::string& name,
                       std::chrono::seconds timeout) const;

    std::vector<std::string> names_;
    bool dry_run_ = false;
    bool wait_ = false;
    std::string output_ = "table";
    std::string timeout_ = "5m";
    ClusterFlags cluster_;
};

void CancelCommand::cancel(term::Session& session, Cluster& cluster, const std::string& name) const {
    const std::string& in_namespace = cluster.connection.namespace_;
    const kube::Resource jobs = *kube::built_in_resource("batch/v1", "Job");
    const bool was_there = cluster.client->remove(jobs, in_namespace, name, "", dry_run_, true);
    show_warnings(session, *cluster.client);
    if (was_there)
        session.out.write(jobs.label(name) + (output_ == "name" ? "\n"
                                              : dry_run_        ? " deleted (server dry run)\n"
                                                                : " deleted\n"));
    else
        session.note(fmt::format("there is no {} in namespace \"{}\": nothing to do", jobs.label(name), in_namespace));
}

// False when interrupted. Errors: Error{timed_out}.
bool CancelCommand::wait_for_pods(term::Session& session, Cluster& cluster, const std::string& name,
                                  std::chrono::seconds timeout) const {
    kube::Feed pods(*cluster.client, *kube::built_in_resource("v1", "Pod"), cluster.connection.namespace_,
                    {"batch.kubernetes.io/job-name=" + name, ""});
    const auto began = session.clock.steady();
    for (;;) {
        pods.step();
        if (pods.listed() && pods.objects().empty()) return true;
        if (session.clock.stop_signal() != 0) return false;
        if (session.clock.steady() - began >= timeout) {
            throw Error(ErrorKind::timed_out,
                        fmt::format("{} pods of job {} are still there after {}", pods.objects().size(), name,
                                    human_duration(timeout)),
                        {},
                        "they get their grace period to write a checkpoint; look at them: kubectl get pods -n " +
                            cluster.connection.namespace_);
        }
        cluster.client->turn(200ms);
    }
}

}  // namespace

std::unique_ptr<Subcommand> make_cancel() {
    return std::make_unique<CancelCommand>();
}

}  // namespace ktrain
