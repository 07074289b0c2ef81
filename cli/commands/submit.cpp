// `ktrain submit`: from a spec or manifests to a job on the cluster, all of it or nothing.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/commands/ask.h"
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
        declare_changes(flags);
        cluster_.declare(flags);
    }

    int run(term::Session& session) override;

private:
    void declare_changes(term::Flags& flags);
    void take_file();
    std::optional<BundleInput> read(term::Session& session, const std::string& in_namespace);
    int show(term::Session& session);
    int submit(term::Session& session, Cluster& cluster, const BundleInput& input) const;
    std::optional<int> check(term::Session& session, Cluster& cluster, kube::Submission& submission,
                             const std::optional<TrainingSpec>& spec) const;
    bool allowed(term::Session& session, const std::vector<kube::Step>& steps) const;
    int create(term::Session& session, Cluster& cluster, kube::Submission& submission) const;
    int follow(term::Session& session, Cluster& cluster, const kube::Submission& submission) const;
    void print(term::Session& session, const std::vector<Json>& objects) const;
    bool steps() const { return output_ == "table"; }

    SpecInput input_;
    std::string file_;
    std::string dry_run_ = "none";
    std::string output_ = "table";
    bool wait_ = false, logs_ = false;
    bool yes_ = false, no_preflight_ = false, generate_name_ = false, replace_ = false;
    std::string timeout_, queue_, priority_;
    ClusterFlags cluster_;
};

void SubmitCommand::declare_changes(term::Flags& flags) {
    flags.add(
        &queue_,
        {.name = "queue", .value = "NAME", .help = "Queue of the jobs: a LocalQueue of Kueue, or one of Volcano"});
    flags.add(&priority_, {.name = "priority", .value = "CLASS", .help = "PriorityClass of the jobs' pods"});
    flags.add(&generate_name_,
              {.name = "generate-name", .help = "Add five letters to the name, so that each call makes another job"});
    flags.add(&replace_,
              {.name = "replace",
               .help = "Remove a job of that name that was made from another spec, or that has ended, first; "
                       "its volumes stay"});
    flags.add(&no_preflight_,
              {.name = "no-preflight", .help = "Create at once, without asking the server what it thinks of it"});
    flags.add(&yes_, {.name = "yes", .short_name = 'y', .help = "Do not ask before what exists is changed"});
}

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
    auto input = read(session, where);
    if (!input) return exit_code::invalid;
    for (Json& object : input->objects) {
        kube::check_object(object);
        give_namespace(object, cluster_.choice.namespace_);
    }
    if (steps())
        for (const Json& object : input->objects)
            session.out.write(fmt::format("{} created (dry run)\n", kube::label_of(object)));
    print(session, input->objects);
    session.note("dry run: nothing was created, and no server was asked");
    return exit_code::done;
}

std::optional<BundleInput> SubmitCommand::read(term::Session& session, const std::string& in_namespace) {
    auto input = read_bundle(session, input_, cluster_.choice.namespace_, in_namespace,
                             generate_name_ ? new_suffix(session.clock) : "");
    if (input) set_queue(input->objects, queue_, priority_);
    return input;
}

// Asks the server about everything. The exit code when that was all: a dry run was wanted, or somebody said no.
std::optional<int> SubmitCommand::check(term::Session& session, Cluster& cluster, kube::Submission& submission,
                                        const std::optional<TrainingSpec>& spec) const {
    const bool dry = dry_run_ == "server";
    std::vector<kube::Step> steps_seen;
    submission.check([&](const kube::Step& step) {
        steps_seen.push_back(step);
        if (step.outcome == kube::Outcome::replaced)
            session.note(fmt::format("{} is there and makes room; the new one changes: {}", step.label,
                                     step.changes.empty() ? "nothing" : join(step.changes, ", ")));
        else if (!step.changes.empty())
            session.warn(
                fmt::format("{} {}; it changes: {}", step.label,
                            step.foreign ? "is there, and was not made by ktrain" : "is there for other jobs too",
                            join(step.changes, ", ")));
        if (dry && steps())
            session.out.write(fmt::format("{} {} (server dry run)\n", step.label, name_of(step.outcome)));
    });
    check_cluster(session, cluster, submission);
    if (spec) say_estimate(session, *spec);
    say_steps(session, steps_seen);
    tell_old_jobs(session, submission, cluster_.words());
    show_warnings(session, *cluster.client);
    if (!dry) return allowed(session, steps_seen) ? std::nullopt : std::optional<int>(exit_code::no);
    print(session, submission.objects());
    const auto unchecked = std::ranges::count(steps_seen, kube::Outcome::unchecked, &kube::Step::outcome);
    if (unchecked > 0)
        session.note(
            fmt::format("{} objects were not checked by the server: their namespace does not exist yet", unchecked));
    session.note("not checked: pods are only made once the job exists, so webhooks that refuse pods were not asked");
    session.note("dry run: nothing was created");
    return any_failed(submission) ? exit_code::no : exit_code::done;
}

// Asks before something is changed that is there. Where nobody can be asked changes to what ktrain has made are made,
// and told; but no job is ended, and nothing of others changed, that --yes does not say it for.
bool SubmitCommand::allowed(term::Session& session, const std::vector<kube::Step>& steps) const {
    std::vector<std::string> changed;
    bool must_ask = false;
    for (const kube::Step& step : steps) {
        const bool replaced = step.outcome == kube::Outcome::replaced;
        const bool configured = step.outcome == kube::Outcome::configured && !step.changes.empty();
        must_ask = must_ask || replaced || (configured && step.foreign);
        if (replaced || configured) changed.push_back((replaced ? "replace " : "change ") + step.label);
    }
    const bool unasked = !must_ask && (!session.in.is_terminal() || !session.err.is_terminal());
    if (changed.empty() || agreed(session, yes_ || unasked, join(changed, ", "))) return true;
    session.note("nothing was created");
    return false;
}

int SubmitCommand::run(term::Session& session) {
    take_file();
    if (dry_run_ == "client") return show(session);
    if (no_preflight_ && (replace_ || dry_run_ == "server"))
        throw Error(ErrorKind::usage, "--no-preflight asks the server nothing beforehand", {},
                    "leave it out, with --replace and --dry-run=server");
    if (!timeout_.empty()) duration_flag("--timeout", timeout_);
    Cluster cluster = cluster_.open(session);
    const auto input = read(session, cluster.connection.namespace_);
    if (!input) return exit_code::invalid;
    say_plan(session, cluster, input->objects);
    try {
        return submit(session, cluster, *input);
    } catch (const Error&) {  // what the server has said beside its refusal
        show_warnings(session, *cluster.client);
        throw;
    }
}

int SubmitCommand::submit(term::Session& session, Cluster& cluster, const BundleInput& input) const {
    std::optional<kube::Submission> submission;
    std::optional<int> checked;  // it ends here, with that
    const int code = until_stopped(session, "interrupted: nothing was created", [&] {
        const kube::SubmissionOptions options{
            .check = !no_preflight_, .replace = replace_, .foreign = yes_ || !no_preflight_};
        submission.emplace(*cluster.client, input.objects, cluster.connection.namespace_, options);
        if (!no_preflight_) checked = check(session, cluster, *submission, input.spec);
        return checked.value_or(exit_code::done);
    });
    return !checked && submission && code == exit_code::done ? create(session, cluster, *submission) : code;
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
    if (no_preflight_) tell_old_jobs(session, submission, cluster_.words());
    if (submission.jobs().empty()) {
        session.note("there is no job among the objects: nothing is followed");
        return exit_code::done;
    }
    return follow(session, cluster, submission);
}

int SubmitCommand::follow(term::Session& session, Cluster& cluster, const kube::Submission& submission) const {
    const auto jobs = submission.jobs();
    const std::string words = cluster_words(cluster_, jobs.front().namespace_);
    if (!wait_ && !logs_ && any_failed(submission)) return exit_code::no;
    if (!wait_ && !logs_) {
        const std::string name = kube::meta(jobs.front().object, "name");
        session.note(fmt::format("follow it:  ktrain logs -f {0}{1}\nits state:  ktrain status {0}{1}", name, words));
        return exit_code::done;
    }
    FollowOptions options{.logs = logs_, .timeout = {}, .cluster_words = words};
    if (!timeout_.empty()) options.timeout = duration_flag("--timeout", timeout_);
    const auto began = session.clock.steady();
    int worst = exit_code::done;
    for (const auto& job : jobs) {
        const kube::Workload workload{
            job.kind, job.resource, {{"metadata", {{"name", kube::meta(job.object, "name")}}}}};
        const int code = follow_workload(session, cluster, job.namespace_, workload, options);
        options.since = began;  // all of them in that time
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
