// Follows a job to its end: progress on stderr, logs on stdout, an exit code that says how it ended.
#include "cli/commands/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/commands/log_printer.h"
#include "cli/commands/workload_view.h"
#include "cli/term/output.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/kube/job_watch.h"

namespace ktrain {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds patience = 200ms;

// One line for the state that the job is in now.
std::string describe(const kube::WorkloadState& job) {
    std::string text = fmt::format("{} {}: {}", noun(job.kind), job.name, job.status());
    if (job.wanted > 1 && !job.ended())
        text += fmt::format(", {} of {} pods ready, {} done", job.ready, job.wanted, job.succeeded);
    const ProgressText told = progress_text(job.progress);
    if (!told.percent.empty() && !job.ended()) text += fmt::format(", {} done", told.percent);
    if (job.failed > 0 && !job.ended()) text += fmt::format(", {} failed", job.failed);
    if (job.phase == kube::Phase::failed && !job.reason.empty()) text += fmt::format(" ({})", printable(job.reason));
    if (job.ended() && job.created && job.finished)
        text +=
            fmt::format(" after {}",
                        human_duration(std::chrono::duration_cast<std::chrono::seconds>(*job.finished - *job.created)));
    return text;
}

class Follower {
public:
    Follower(term::Session& session, Cluster& cluster, const std::string& in_namespace, const kube::Workload& workload,
             const FollowOptions& options)
        : session_(session),
          client_(*cluster.client),
          namespace_(in_namespace),
          name_(workload.name()),
          noun_(noun(workload.kind)),
          options_(options),
          with_logs_(options.logs),
          watch_(client_, in_namespace, workload),
          logs_(session, client_, in_namespace, {.log = {.follow = true}, .timestamps = false, .rank = {}}),
          seen_(!workload.uid().empty()) {}

    int run();

private:
    std::optional<int> turn();
    void say(const kube::WorkloadState& job);
    void say_trouble();
    void step_logs(bool prefix);
    void drain_logs();
    std::optional<int> reached(const kube::WorkloadState& job);
    int ended(const kube::WorkloadState& job);
    int deleted();
    int interrupted();
    int late();
    bool time_is_up() const { return options_.timeout && session_.clock.steady() - began_ >= *options_.timeout; }

    term::Session& session_;
    kube::KubeClient& client_;
    std::string namespace_, name_, noun_;
    const FollowOptions& options_;
    bool with_logs_;  // until they cannot be read
    kube::JobWatch watch_;
    LogPrinter logs_;
    std::chrono::steady_clock::time_point began_;
    std::string said_;
    int attempt_ = 0;  // to connect again, that was told last
    bool seen_;
};

// A line each time that there is something new: another state, or another cause that keeps the job from running.
void Follower::say(const kube::WorkloadState& job) {
    const std::string state = describe(job);
    const kube::Obstacle why = obstacle(job, watch_.pods(), watch_.events());
    if (state + why.cause == said_) return;
    said_ = state + why.cause;
    session_.note(why.text.empty() ? state : state + "; " + why.text);
}

// A line for each attempt that failed.
void Follower::say_trouble() {
    std::optional<kube::Retry> trouble = watch_.trouble();
    const int attempt = trouble ? trouble->attempt : 0;
    if (attempt == attempt_) return;
    attempt_ = attempt;
    if (!trouble) return session_.note("connected again");
    if (options_.timeout) {
        const auto left = began_ + *options_.timeout - session_.clock.steady();
        trouble->left = std::min(*trouble->left, std::chrono::duration_cast<std::chrono::milliseconds>(left));
    }
    session_.note(words_of(*trouble));
}

int Follower::run() {
    began_ = options_.since.value_or(session_.clock.steady());
    for (;;) {
        if (session_.clock.stop_signal() != 0) return interrupted();
        if (const auto code = turn()) return *code;
        if (time_is_up() && (watch_.listed() || !options_.since)) return late();
        client_.turn(patience);
    }
}

// The exit code when it is over.
std::optional<int> Follower::turn() {
    try {
        watch_.step();
    } catch (const Error& error) {
        if (session_.clock.stop_signal() != 0) return interrupted();
        throw;
    }
    const bool changed = watch_.refresh();
    say_trouble();
    show_warnings(session_, client_);
    if (!watch_.job()) {
        if (!changed || !watch_.listed()) return std::nullopt;  // its pods or events may be known first
        if (seen_) return deleted();
        throw Error(ErrorKind::not_found,
                    fmt::format("there is no {} \"{}\" in namespace \"{}\"", noun_, name_, namespace_), {},
                    "see all: ktrain list -A" + client_.server().flags);
    }
    seen_ = true;
    step_logs(watch_.job()->wanted > 1);
    if (!changed) return std::nullopt;
    return reached(*watch_.job());
}

// The exit code when the goal is reached, or can no longer be.
std::optional<int> Follower::reached(const kube::WorkloadState& job) {
    if (options_.goal == Goal::deleted || !job.ended()) {
        say(job);
        if (options_.goal == Goal::running && job.phase == kube::Phase::running) return exit_code::done;
        return std::nullopt;
    }
    const bool complete = job.phase == kube::Phase::complete;  // the watch moves on in ended()
    if (!complete && !watch_.listed()) return std::nullopt;    // its pods tell why
    const int code = ended(job);
    if (options_.goal == Goal::failed) return complete ? exit_code::no : exit_code::done;
    return code;
}

// The job is followed without its logs when they cannot be read. A stop signal that ends a credential plugin is none
// of their errors: run() sees it next.
void Follower::step_logs(bool prefix) {
    if (!with_logs_) return;
    try {
        logs_.step(watch_.pods(), prefix);
    } catch (const Error& error) {
        if (error.kind == ErrorKind::bug) throw;
        if (session_.clock.stop_signal() != 0) return;
        with_logs_ = false;
        session_.warn("following without the logs: " + printable(error.message));
    }
}

// Reads what the pods wrote last.
void Follower::drain_logs() {
    if (!with_logs_) return;
    while (session_.clock.stop_signal() == 0) {
        watch_.step();
        watch_.refresh();
        if (logs_.finish(watch_.pods(), watch_.pods().size() > 1)) return;
        if (time_is_up()) return session_.warn("the logs may lack their end: the job has ended, and the time is up");
        client_.turn(patience);
    }
}

int Follower::ended(const kube::WorkloadState& job) {
    const kube::WorkloadState last = job;
    try {
        drain_logs();
    } catch (const Error& error) {  // how the job ended is known, whatever becomes of its logs
        session_.warn("the logs lack their end: " + printable(error.message));
    }
    say(last);
    if (last.phase == kube::Phase::complete) return exit_code::done;
    if (!last.message.empty()) session_.note("  " + printable(last.message));
    if (const kube::PodState* pod = first_failure(watch_.pods())) {
        session_.note(fmt::format("  first failure: pod {}{}{}: {}", printable(pod->name),
                                  pod->rank >= 0 ? fmt::format(" (rank {})", pod->rank) : "",
                                  pod->node.empty() ? "" : " on " + printable(pod->node), explain_exit(*pod)));
    }
    session_.note(fmt::format("  its log: ktrain logs {}{}", name_, options_.cluster_words));
    return exit_code::no;
}

int Follower::deleted() {
    const bool wanted = options_.goal == Goal::deleted;
    session_.note(fmt::format("{} {}: deleted{}", noun_, name_, wanted ? "" : " before its end"));
    return wanted ? exit_code::done : exit_code::no;
}

// Says no more than is known of the job.
int Follower::interrupted() {
    std::string state = fmt::format("{} {} runs on", noun_, name_);
    if (!seen_)
        state = fmt::format("nothing is known of {} {}: the server has not told about it yet", noun_, name_);
    else if (watch_.trouble() && watch_.job())
        state = fmt::format("{} {} was {} when the server was last heard of", noun_, name_, watch_.job()->status());
    session_.note(fmt::format("interrupted; {0}. Follow it: ktrain wait {1}{2}; stop it: ktrain cancel {1}{2}", state,
                              name_, options_.cluster_words));
    return stopped_code(session_);
}

int Follower::late() {
    constexpr std::array<std::string_view, 5> words{"ended", "completed", "failed", "started to run", "been deleted"};
    const auto trouble = watch_.trouble();
    throw Error(ErrorKind::timed_out,
                fmt::format("{} {} has not {} within {}{}", noun_, name_,
                            words[static_cast<std::size_t>(options_.goal)], human_duration(*options_.timeout),
                            trouble        ? ": " + trouble->why
                            : watch_.job() ? fmt::format(" (it is {})", watch_.job()->status())
                                           : ""),
                {},
                fmt::format("{}wait longer with --timeout, or see: ktrain status {}{}",
                            seen_ && !trouble ? "it runs on; " : "", name_, options_.cluster_words));
}

}  // namespace

int follow_workload(term::Session& session, Cluster& cluster, const std::string& in_namespace,
                    const kube::Workload& workload, const FollowOptions& options) {
    return Follower(session, cluster, in_namespace, workload, options).run();
}

}  // namespace ktrain
