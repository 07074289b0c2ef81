// `ktrain submit`: from a spec or manifests to a job on the cluster, all of it or nothing.
#include <fmt/format.h>

#include <optional>

#include "cli/commands/bundle_input.h"
#include "cli/commands/bundle_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/follow.h"
#include "cli/commands/submit_checks.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

class SubmitCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        input_.declare(flags, false);
        flags.add(&file_, {.name = "filename",
                           .short_name = 'f',
                           .value = "FILE",
                           .help = "The same as FILE, as kubectl has it",
                           .complete = term::Complete::file});
        flags.add(&dry_run_, {.name = "dry-run",
                              .value = "HOW",
                              .help = "Only show (client) or have the server check (server) what would be created",
                              .choices = {"none", "client", "server"},
                              .implied = "server"});
        flags.add(&wait_, {.name = "wait", .help = "Wait until the job has ended; the exit code says how"});
        flags.add(&logs_, {.name = "logs", .help = "Wait, and print the logs of its pods meanwhile"});
        flags.add(&timeout_,
                  {.name = "timeout", .value = "TIME", .help = "With --wait: give up after this time (exit code 4)"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Print what became of each object (table), or the objects as the server has them",
                             .choices = {"table", "json", "yaml", "name"}});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override;

private:
    void take_file();
    int show(term::Session& session);
    bool check(term::Session& session, Cluster& cluster, kube::Submission& submission) const;
    int create(term::Session& session, Cluster& cluster, kube::Submission& submission) const;
    int follow(term::Session& session, Cluster& cluster, const kube::Submission& submission) const;
    void print(term::Session& session, const std::vector<Json>& objects) const;
    bool steps() const { return output_ == "table"; }

    SpecInput input_;
    std::string file_;
    std::string dry_run_ = "none";
    std::string output_ = "table";
    bool wait_ = false, logs_ = false;
    std::string timeout_;
    ClusterFlags cluster_;
};

// -f FILE is the same as FILE.
void SubmitCommand::take_file() {
    if (!file_.empty()) input_.use_file(file_);
    if (!input_.has_file())
        throw Error(ErrorKind::usage, "submit needs a FILE", {}, "for example: ktrain submit train.yaml");
}

// The objects in the form of -o; nothing for the table, whose rows were printed as they came.
void SubmitCommand::print(term::Session& session, const std::vector<Json>& objects) const {
    if (output_ == "json") session.out.write(bundle_text(objects, term::Format::json));
    if (output_ == "yaml") session.out.write(bundle_text(objects, term::Format::yaml));
    if (output_ != "name") return;
    for (const Json& object : objects) session.out.write(kube::label_of(object) + "\n");
}

// --dry-run=client: what there is to submit, without asking anybody.
int SubmitCommand::show(term::Session& session) {
    const std::string where = cluster_.choice.namespace_.empty() ? "default" : cluster_.choice.namespace_;
    const auto objects = read_bundle(session, input_, cluster_.choice.namespace_, where);
    if (!objects) return exit_code::invalid;
    if (steps())
        for (const Json& object : *objects)
            session.out.write(fmt::format("{} created (dry run)\n", kube::label_of(object)));
    print(session, *objects);
    return exit_code::done;
}

// Asks the server about everything. False when a dry run was wanted and this was it.
bool SubmitCommand::check(term::Session& session, Cluster& cluster, kube::Submission& submission) const {
    const bool dry = dry_run_ == "server";
    std::size_t unchecked = 0;
    submission.check([&](const kube::Step& step) {
        if (step.outcome == kube::Outcome::unchecked) ++unchecked;
        if (!step.changes.empty())
            session.warn(
                fmt::format("{} is there for other jobs too; it changes: {}", step.label, join(step.changes, ", ")));
        if (dry && steps())
            session.out.write(fmt::format("{} {} (server dry run)\n", step.label, name_of(step.outcome)));
    });
    check_quotas(session, cluster, submission);
    tell_old_jobs(session, submission);
    show_warnings(session, *cluster.client);
    if (!dry) return true;
    print(session, submission.objects());
    if (unchecked > 0)
        session.note(
            fmt::format("{} objects were not checked by the server: their namespace does not exist yet", unchecked));
    session.note(
        "not checked: pods are only made once the job exists, so what refuses pods (admission, Pod Security) was not "
        "asked");
    return false;
}

int SubmitCommand::run(term::Session& session) {
    take_file();
    if (dry_run_ == "client") return show(session);
    if (!timeout_.empty()) duration_flag("--timeout", timeout_);
    Cluster cluster = cluster_.open(session);
    const auto objects = read_bundle(session, input_, cluster_.choice.namespace_, cluster.connection.namespace_);
    if (!objects) return exit_code::invalid;
    say_plan(session, cluster, *objects);
    std::optional<kube::Submission> submission;
    bool go_on = false;
    const int code = until_stopped(session, "interrupted: nothing was created", [&] {
        submission.emplace(*cluster.client, *objects, cluster.connection.namespace_);
        go_on = check(session, cluster, *submission);
        return exit_code::done;
    });
    return go_on ? create(session, cluster, *submission) : code;
}

int SubmitCommand::create(term::Session& session, Cluster& cluster, kube::Submission& submission) const {
    const bool done = submission.run([&](const kube::Step& step) {
        if (steps()) session.out.write(fmt::format("{} {}\n", step.label, name_of(step.outcome)));
    });
    show_warnings(session, *cluster.client);
    if (!done) {
        session.note("interrupted: what this call had created has been removed again");
        return stopped_code(session);
    }
    print(session, submission.objects());
    if (submission.jobs().empty()) {
        session.note("there is no job among the objects: nothing runs");
        return exit_code::done;
    }
    return follow(session, cluster, submission);
}

int SubmitCommand::follow(term::Session& session, Cluster& cluster, const kube::Submission& submission) const {
    const auto jobs = submission.jobs();
    const std::string words = cluster_words(cluster_, jobs.front().namespace_);
    if (!wait_ && !logs_) {
        const std::string name = kube::meta(jobs.front().object, "name");
        session.note(fmt::format("follow it:  ktrain logs -f {0}{1}\nits state:  ktrain status {0}{1}", name, words));
        return exit_code::done;
    }
    FollowOptions options{.logs = logs_, .timeout = {}, .cluster_words = words};
    if (!timeout_.empty()) options.timeout = duration_flag("--timeout", timeout_);
    int worst = exit_code::done;
    for (const auto& job : jobs) {
        const kube::Workload workload{
            job.kind, job.resource, {{"metadata", {{"name", kube::meta(job.object, "name")}}}}};
        const int code = follow_workload(session, cluster, job.namespace_, workload, options);
        if (code != exit_code::done) worst = code;
        if (session.clock.stop_signal() != 0) return code;
    }
    return worst;
}

}  // namespace

std::unique_ptr<Subcommand> make_submit() {
    return std::make_unique<SubmitCommand>();
}

}  // namespace ktrain
