// `ktrain list`: all training workloads of a namespace, whoever made them.
#include "cli/commands/commands.h"
#include "cli/commands/workload_list.h"
#include "core/base/exit_code.h"

namespace ktrain {
namespace {

class ListCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        list_.declare(flags);
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        Cluster cluster = cluster_.open(session);
        return until_stopped(session, "", [&] {
            list_.show(session, cluster);
            show_warnings(session, *cluster.client);
            return exit_code::done;
        });
    }

private:
    WorkloadListFlags list_;
    ClusterFlags cluster_;
};

}  // namespace

std::unique_ptr<Subcommand> make_list() {
    return std::make_unique<ListCommand>();
}

}  // namespace ktrain
