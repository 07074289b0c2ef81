// `ktrain logs`: what the pods of a job write, now or as it comes, across broken connections.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/log_printer.h"
#include "cli/commands/workload_batch.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/kube/job_watch.h"

namespace ktrain {
namespace {

using namespace std::chrono_literals;

class LogsCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Name of the job, or KIND/NAME",
                                 .min = 1,
                                 .max = 1,
                                 .complete = term::Complete::job});
        flags.add(&follow_,
                  {.name = "follow", .short_name = 'f', .help = "Go on as new lines come, until the job has ended"});
        flags.add(&rank_, {.name = "rank",
                           .value = "N",
                           .help = "Only the pod of this rank; by default all, with the rank before each line"});
        flags.add(&container_, {.name = "container",
                                .short_name = 'c',
                                .value = "NAME",
                                .help = "Of this container; by default the one that trains"});
        flags.add(&all_containers_, {.name = "all-containers",
                                     .help = "Of all containers, those that initialise the pod and those that debug it "
                                             "among them, with the name before each line"});
        flags.add(&tail_, {.name = "tail", .value = "N", .help = "Only the last N lines of each pod"});
        flags.add(&since_, {.name = "since", .value = "TIME", .help = "Only lines younger than this"});
        flags.add(&previous_,
                  {.name = "previous", .short_name = 'p', .help = "Of the container's run before its last restart"});
        flags.add(&timestamps_, {.name = "timestamps", .help = "Put the time before each line"});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override;

private:
    static kube::Obstacle state(const kube::JobWatch& watch, const LogPrinter& printer);
    int read(term::Session& session, Cluster& cluster, const kube::WorkloadName& named, LogPrinter& printer) const;
    int nothing(term::Session& session, const std::string& words) const;
    int result(term::Session& session, const kube::JobWatch& watch, const LogPrinter& printer,
               const std::string& words) const;

    std::vector<std::string> names_;
    bool follow_ = false, previous_ = false, timestamps_ = false, all_containers_ = false;
    std::int64_t rank_ = -1, tail_ = -1;
    std::string since_, container_;
    ClusterFlags cluster_;
};

int LogsCommand::run(term::Session& session) {
    LogPrinterOptions options;
    options.log.follow = follow_;
    options.log.previous = previous_;
    if (tail_ < -1 || rank_ < -1)
        throw Error(ErrorKind::usage, fmt::format("{} must not be negative", tail_ < -1 ? "--tail" : "--rank"));
    if (tail_ >= 0) options.log.tail = tail_;
    if (!since_.empty()) options.log.since = duration_flag("--since", since_);
    options.timestamps = timestamps_;
    if (rank_ >= 0) options.rank = static_cast<int>(rank_);
    options.container = container_;
    options.all_containers = all_containers_;
    if (all_containers_ && !container_.empty())
        throw Error(ErrorKind::usage, "--all-containers and --container exclude each other", {},
                    "leave one of them out");
    if (follow_ && previous_)
        throw Error(ErrorKind::usage, "--previous and --follow exclude each other", {},
                    "the run before has ended: leave --follow out to read it");
    const kube::WorkloadName name = kube::parse_workload_name(names_.front());
    Cluster cluster = cluster_.open(session);
    LogPrinter printer(session, *cluster.client, cluster.connection.namespace_, options);
    return until_stopped(session, "", [&] { return read(session, cluster, name, printer); });
}

// Why no lines come, if there is something to say about that.
kube::Obstacle LogsCommand::state(const kube::JobWatch& watch, const LogPrinter& printer) {
    if (const std::string trouble = printer.trouble(); !trouble.empty()) return {trouble, trouble};
    // A cut alone is nothing to talk of.
    if (const auto trouble = watch.trouble(); trouble && trouble->attempt > 2)
        return {fmt::format("attempt {}", trouble->attempt), words_of(*trouble)};
    if (printer.any() || !watch.job()) return {};
    if (kube::Obstacle found = obstacle(*watch.job(), watch.pods(), watch.events()); !found.text.empty()) return found;
    if (watch.job()->ended() || watch.job()->phase == kube::Phase::running) return {};  // their lines are on the way
    const bool suspended = watch.job()->phase == kube::Phase::suspended;
    const std::string text = suspended ? "the job is suspended" : "waiting for the pods to start";
    return {text, text};
}

int LogsCommand::read(term::Session& session, Cluster& cluster, const kube::WorkloadName& named,
                      LogPrinter& printer) const {
    kube::JobWatch watch(*cluster.client, cluster.connection.namespace_, find_workload(session, cluster, named));
    const std::string words = cluster_words(cluster_, cluster.connection.namespace_);
    std::string said;
    bool ended = false;
    while (session.clock.stop_signal() == 0) {
        watch.step();
        watch.refresh();
        show_warnings(session, *cluster.client);
        if (watch.listed()) {
            ended = ended || !watch.job() || watch.job()->ended();
            const bool prefix = watch.pods().size() > 1 && rank_ < 0;
            if (ended && printer.finish(watch.pods(), prefix)) return result(session, watch, printer, words);
            if (!ended) printer.step(watch.pods(), prefix);
            if (!follow_ && printer.done()) break;
        }
        const kube::Obstacle now = state(watch, printer);
        if (now.cause != said && !now.text.empty()) session.note(now.text);
        said = now.cause;
        cluster.client->turn(200ms);
    }
    if (session.clock.stop_signal() != 0) return stopped_code(session);
    if (printer.nothing_readable()) return exit_code::failed;
    return printer.any() ? static_cast<int>(exit_code::done) : nothing(session, words);
}

// Errors: Error{not_found} when a certain rank was asked for.
int LogsCommand::nothing(term::Session& session, const std::string& words) const {
    const std::string& name = names_.front();
    if (rank_ >= 0)
        throw Error(ErrorKind::not_found, fmt::format("job {} has no pod of rank {} that has started", name, rank_), {},
                    "see its pods: ktrain status " + name + words);
    if (!follow_)
        session.note(
            fmt::format("no pod of job {} has started yet; wait for one with: ktrain logs -f {}{}", name, name, words));
    return exit_code::done;
}

// Who follows a log learns how the job ended.
int LogsCommand::result(term::Session& session, const kube::JobWatch& watch, const LogPrinter& printer,
                        const std::string& words) const {
    if (!printer.any()) nothing(session, words);
    if (!follow_ && printer.nothing_readable()) return exit_code::failed;
    if (!follow_ || (watch.job() && watch.job()->phase == kube::Phase::complete)) return exit_code::done;
    if (!watch.job())
        session.note(fmt::format("job {}: deleted before its end", names_.front()));
    else
        session.note(fmt::format("job {}: Failed{}{}", names_.front(), watch.job()->reason.empty() ? "" : ": ",
                                 printable(watch.job()->reason)));
    return exit_code::no;
}

}  // namespace

std::unique_ptr<Subcommand> make_logs() {
    return std::make_unique<LogsCommand>();
}

}  // namespace ktrain
