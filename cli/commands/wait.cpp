// `ktrain wait`: stops when the job has ended, one way or the other, or is what else is waited for.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/follow.h"
#include "cli/commands/workload_batch.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"

namespace ktrain {
namespace {

struct GoalRow {
    std::string_view name;
    Goal goal;
};
constexpr std::array goals{GoalRow{"complete", Goal::complete}, GoalRow{"deleted", Goal::deleted},
                           GoalRow{"ended", Goal::ended}, GoalRow{"failed", Goal::failed},
                           GoalRow{"running", Goal::running}};

class WaitCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Name of the job, or KIND/NAME",
                                 .min = 1,
                                 .max = 1,
                                 .complete = term::Complete::job});
        term::FlagDoc what{.name = "for",
                           .value = "WHAT",
                           .help = "What to wait for; exit code 0 when it is so, 3 when it no longer can be"};
        for (const GoalRow& row : goals) what.choices.push_back(row.name);
        flags.add(&for_, what);
        flags.add(
            &timeout_,
            {.name = "timeout", .value = "TIME", .help = "Give up after this time (exit code 4); by default never"});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        FollowOptions options;
        for (const GoalRow& row : goals)
            if (row.name == for_) options.goal = row.goal;
        if (!timeout_.empty()) {
            options.timeout = duration_flag("--timeout", timeout_);
            // A server that never answers must not hold the wait any longer either.
            if (*options.timeout < duration_flag("--request-timeout", cluster_.request_timeout))
                cluster_.request_timeout = timeout_;
        }
        const kube::WorkloadName name = kube::parse_workload_name(names_.front());
        Cluster cluster = cluster_.open(session);
        const std::string& in_namespace = cluster.connection.namespace_;
        options.cluster_words = cluster_words(cluster_, in_namespace);
        std::optional<kube::Workload> workload;
        const std::string unknown = fmt::format(
            "interrupted; nothing is known of job {0}: the server has not told about it yet. Follow it: ktrain wait "
            "{0}{1}; stop it: ktrain cancel {0}{1}",
            names_.front(), options.cluster_words);
        const int code = until_stopped(session, unknown, [&] {
            workload = find(session, cluster, name, options.goal);
            return exit_code::done;
        });
        return workload ? follow_workload(session, cluster, in_namespace, *workload, options) : code;
    }

private:
    // nullopt: it is not there, and is not to be.
    static std::optional<kube::Workload> find(term::Session& session, Cluster& cluster, const kube::WorkloadName& name,
                                              Goal goal) {
        try {
            return find_workload(session, cluster, name);
        } catch (const Error& error) {
            if (error.kind != ErrorKind::not_found || goal != Goal::deleted) throw;
            session.note(error.message);
            return std::nullopt;
        }
    }

    std::vector<std::string> names_;
    std::string for_ = "ended";
    std::string timeout_;
    ClusterFlags cluster_;
};

}  // namespace

std::unique_ptr<Subcommand> make_wait() {
    return std::make_unique<WaitCommand>();
}

}  // namespace ktrain
