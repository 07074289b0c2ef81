// `ktrain prune`: deletes workloads that ended long ago.
#include <fmt/format.h>

#include "cli/commands/ask.h"
#include "cli/commands/commands.h"
#include "cli/commands/workload_batch.h"
#include "cli/commands/workload_view.h"
#include "core/base/exit_code.h"
#include "core/base/labels.h"
#include "core/kube/workload_pods.h"

namespace ktrain {
namespace {

class PruneCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.add(&older_,
                  {.name = "older-than", .value = "TIME", .help = "Those that ended at least this long ago: 12h, 7d"});
        flags.add(&everywhere_, {.name = "all-namespaces", .short_name = 'A', .help = "Of all namespaces"});
        flags.add(&all_, {.name = "all", .help = "Also those that ktrain did not make"});
        flags.add(&labels_, {.name = "selector",
                             .short_name = 'l',
                             .value = "LABELS",
                             .help = "Only those with these labels, as kubectl has it"});
        flags.add(&yes_, {.name = "yes", .short_name = 'y', .help = "Do not ask; needed where nobody can be asked"});
        flags.add(&dry_run_, {.name = "dry-run", .help = "Only show what would be deleted"});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override;

private:
    std::vector<kube::Workload> find(term::Session& session, Cluster& cluster) const;
    void remove(term::Session& session, Cluster& cluster, const kube::Workload& workload) const;

    std::string older_ = "7d";
    std::string labels_;
    bool everywhere_ = false, all_ = false, yes_ = false, dry_run_ = false;
    ClusterFlags cluster_;
};

// Ended, old enough, and of nobody else: what a CronJob or another controller made, that one prunes.
std::vector<kube::Workload> PruneCommand::find(term::Session& session, Cluster& cluster) const {
    std::string selector = labels_;
    if (!all_) selector += (selector.empty() ? "" : ",") + std::string(label_digest);
    kube::WorkloadList found =
        kube::list_workloads(*cluster.client, everywhere_ ? "" : cluster.connection.namespace_, selector);
    say_unread(session, found.unread);
    const kube::Time before = session.clock.now() - duration_flag("--older-than", older_);
    std::erase_if(found.items, [&](const kube::Workload& one) {
        const kube::WorkloadState state = kube::workload_state(one.object);
        const auto ended = state.finished ? state.finished : state.created;
        return !state.ended() || state.deleting || !ended || *ended > before || (all_ && !kube::trains(one)) ||
               !at_path(one.object, {"metadata", "ownerReferences"}).empty();
    });
    return std::move(found.items);
}

void PruneCommand::remove(term::Session& session, Cluster& cluster, const kube::Workload& workload) const {
    const std::string in_namespace = kube::meta(workload.object, "namespace");
    keep_claims(session, cluster, workload);
    try {
        if (!cluster.client->remove(workload.resource, in_namespace, workload.name(), workload.uid(), false, true))
            return session.note(workload.label() + " is gone already");
    } catch (const Error& error) {
        if (!kube::is_replaced(*cluster.client, in_namespace, workload, error)) throw;
        return session.note(workload.label() + " is gone already: another one has its name");
    }
    session.out.write(workload.label() + " deleted\n");
}

int PruneCommand::run(term::Session& session) {
    duration_flag("--older-than", older_);
    Cluster cluster = cluster_.open(session);
    const std::string words = cluster_words(cluster_, cluster.connection.namespace_);
    return until_stopped(session, "interrupted; see what is left: ktrain prune --dry-run" + words, [&]() -> int {
        const std::vector<kube::Workload> old = find(session, cluster);
        if (old.empty()) {
            session.note(fmt::format("no jobs that ended {} ago or earlier", older_));
            return exit_code::done;
        }
        std::vector<kube::WorkloadState> states;
        for (const kube::Workload& one : old) states.push_back(kube::workload_state(one.object));
        const WorkloadTable options{.namespaces = everywhere_, .wide = false, .positions = {}};
        (dry_run_ ? session.out : session.err).write(workload_table(states, options, session.clock).text());
        if (dry_run_) return exit_code::done;
        if (!agreed(session, yes_, fmt::format("delete these {} jobs", old.size()))) {
            session.note("nothing was deleted");
            return exit_code::no;
        }
        for_each_workload(session, old, "the deletion",
                          [&](const kube::Workload& one) { remove(session, cluster, one); });
        show_warnings(session, *cluster.client);
        return session.clock.stop_signal() == 0 ? static_cast<int>(exit_code::done) : stopped_code(session);
    });
}

}  // namespace

std::unique_ptr<Subcommand> make_prune() {
    return std::make_unique<PruneCommand>();
}

}  // namespace ktrain
