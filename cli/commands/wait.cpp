// `ktrain wait`: stops when the job has ended, one way or the other.
#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/follow.h"

namespace ktrain {
namespace {

class WaitCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(
            names_, {.name = "NAME", .help = "Name of the job", .min = 1, .max = 1, .complete = term::Complete::job});
        flags.add(
            &timeout_,
            {.name = "timeout", .value = "TIME", .help = "Give up after this time (exit code 4); by default never"});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        FollowOptions options;
        if (!timeout_.empty()) {
            options.timeout = duration_flag("--timeout", timeout_);
            // A server that never answers must not hold the wait any longer either.
            if (*options.timeout < duration_flag("--request-timeout", cluster_.request_timeout))
                cluster_.request_timeout = timeout_;
        }
        Cluster cluster = cluster_.open(session);
        check_job_names(cluster, names_);
        catch_stop_signals();
        options.cluster_words = cluster_words(cluster_, cluster.connection.namespace_);
        return follow_job(session, cluster, cluster.connection.namespace_, names_.front(), options);
    }

private:
    std::vector<std::string> names_;
    std::string timeout_;
    ClusterFlags cluster_;
};

}  // namespace

std::unique_ptr<Subcommand> make_wait() {
    return std::make_unique<WaitCommand>();
}

}  // namespace ktrain
