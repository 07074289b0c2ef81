// `ktrain submit`: from a spec or manifests to a job on the cluster, all of it or nothing.
#include <fmt/format.h>

#include "cli/commands/bundle_input.h"
#include "cli/commands/commands.h"
#include "cli/commands/follow.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/kube/quota.h"
#include "core/kube/submission.h"

namespace ktrain {
namespace {

class SubmitCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(arguments_, {.name = "FILE", .help = "Spec or manifests to submit; - is standard input", .min = 0, .max = 1});
        flags.add(&file_, {.name = "filename", .short_name = 'f', .value = "FILE", .help = "The same as FILE, as kubectl has it", .complete = term::Complete::file});
        flags.add(&sets_, {.name = "set", .value = "PATH=VALUE", .help = "Set a field of the spec; repeat for more", .complete = term::Complete::field});
        flags.add(&dry_run_, {.name = "dry-run", .value = "HOW", .help = "Only show (client) or have the server check (server) what would be created",
                              .choices = {"none", "client", "server"}, .implied = "server"});
        flags.add(&wait_, {.name = "wait", .help = "Wait until the job has ended; the exit code says how"});
        flags.add(&logs_, {.name = "logs", .help = "Wait, and print the logs of its pods meanwhile"});
        flags.add(&timeout_, {.name = "timeout", .value = "TIME", .help = "With --wait: give up after this time (exit code 4)"});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override;

private:
    std::string path() const;
    bool check(term::Session& session, Cluster& cluster, const std::vector<Json>& objects, kube::Submission& submission) const;
    int show(term::Session& session) const;
    void check_quotas(term::Session& session, Cluster& cluster, const std::vector<Json>& objects, const kube::Submission& submission) const;
    int create(term::Session& session, Cluster& cluster, kube::Submission& submission) const;

    std::vector<std::string> arguments_;
    std::string file_;
    std::vector<std::string> sets_;
    std::string dry_run_ = "none";
    bool wait_ = false, logs_ = false;
    std::string timeout_;
    ClusterFlags cluster_;
};

std::string SubmitCommand::path() const {
    if (!file_.empty() && !arguments_.empty())
        throw Error(ErrorKind::usage, "FILE is given twice: as an argument and with -f", {}, "leave one of them out");
    if (file_.empty() && arguments_.empty()) throw Error(ErrorKind::usage, "submit needs a FILE", {}, "for example: ktrain submit train.yaml");
    return file_.empty() ? arguments_.front() : file_;
}

// --dry-run=client: what there is to submit, without asking anybody.
int SubmitCommand::show(term::Session& session) const {
    const std::string where = cluster_.choice.namespace_.empty() ? "default" : cluster_.choice.namespace_;
    for (const Json& object : read_bundle(session, path(), sets_, cluster_.choice.namespace_, where).objects) {
        kube::Resource resource;
        const std::string api_version = string_or(object, "apiVersion");
        const std::size_t slash = api_version.find('/');
        if (slash != std::string::npos) resource.group = api_version.substr(0, slash);
        resource.kind = string_or(object, "kind");
        session.out.write(fmt::format("{} created (dry run)\n", resource.label(kube::meta(object, "name"))));
    }
    return exit_code::done;
}

// The server checks no pods in a dry run, so their sum is held against the quotas here.
void SubmitCommand::check_quotas(term::Session& session, Cluster& cluster, const std::vector<Json>& objects,
                                 const kube::Submission& submission) const {
    const kube::Resource kind = *kube::built_in_resource("v1", "ResourceQuota");
    for (const Json& job : submission.job_objects()) {
        const std::string where = kube::meta(job, "namespace");
        std::vector<Json> quotas;
        try {
            quotas = cluster.client->list(kind, where, {}).items;
        } catch (const Error& error) {
            if (error.kind != ErrorKind::denied) throw;
            session.note(fmt::format("not checked: the quotas of namespace \"{}\" may not be read", where));
        }
        for (const Json& object : objects) {
            if (string_or(object, "kind") != "ResourceQuota") continue;
            std::erase_if(quotas, [&](const Json& there) { return kube::meta(there, "name") == kube::meta(object, "name"); });
            quotas.push_back(object);
        }
        for (const kube::QuotaFinding& finding : kube::check_quotas(job, quotas)) {
            if (finding.never)
                throw Error(ErrorKind::denied, fmt::format("the pods would never be let in: {}", finding.message), {},
                            "ask for less in resources, or have the quota raised");
            session.warn(finding.message + ": the pods wait until others have ended");
        }
    }
}

// Asks the server about everything. False when a dry run was wanted and this was it.
bool SubmitCommand::check(term::Session& session, Cluster& cluster, const std::vector<Json>& objects, kube::Submission& submission) const {
    const bool dry = dry_run_ == "server";
    std::size_t unchecked = 0;
    submission.check([&](const std::string& label, kube::Outcome outcome) {
        if (outcome == kube::Outcome::unchecked) ++unchecked;
        if (dry) session.out.write(fmt::format("{} {} (server dry run)\n", label, name_of(outcome)));
    });
    check_quotas(session, cluster, objects, submission);
    show_warnings(session, *cluster.client);
    if (!dry) return true;
    if (unchecked > 0) session.note(fmt::format("{} objects were not checked by the server: their namespace does not exist yet", unchecked));
    session.note("not checked: pods are only made once the job exists, so what refuses pods (admission, Pod Security) was not asked");
    return false;
}

int SubmitCommand::run(term::Session& session) {
    const std::string file = path();
    if (dry_run_ == "client") return show(session);
    if (!timeout_.empty()) duration_flag("--timeout", timeout_);
    Cluster cluster = cluster_.open(session);
    const Bundle bundle = read_bundle(session, file, sets_, cluster_.choice.namespace_, cluster.connection.namespace_);
    kube::Submission submission(*cluster.client, bundle.objects, cluster.connection.namespace_);
    bool go_on = false;
    const int code = until_stopped(session, "interrupted: nothing was created", [&] {
        go_on = check(session, cluster, bundle.objects, submission);
        return exit_code::done;
    });
    return go_on ? create(session, cluster, submission) : code;
}

int SubmitCommand::create(term::Session& session, Cluster& cluster, kube::Submission& submission) const {
    const bool done = submission.run([&](const std::string& label, kube::Outcome outcome) {
        session.out.write(fmt::format("{} {}\n", label, name_of(outcome)));
    });
    show_warnings(session, *cluster.client);
    if (!done) {
        session.note("interrupted: what this call had created has been removed again");
        return stopped_code(session);
    }
    if (submission.jobs().empty()) {
        session.note("there is no Job among the objects: nothing runs");
        return exit_code::done;
    }
    const auto& job = submission.jobs().front();
    const std::string words = cluster_words(cluster_, job.namespace_);
    if (!wait_ && !logs_) {
        session.note(fmt::format("follow it:  ktrain logs -f {0}{1}\nits state:  ktrain status {0}{1}", job.name, words));
        return exit_code::done;
    }
    FollowOptions options{.logs = logs_, .timeout = {}, .cluster_words = words};
    if (!timeout_.empty()) options.timeout = duration_flag("--timeout", timeout_);
    int worst = exit_code::done;
    for (const auto& [name, where] : submission.jobs()) {
        const int code = follow_job(session, cluster, where, name, options);
        if (code != exit_code::done) worst = code;
        if (session.clock.stop_signal() != 0) return code;
    }
    return worst;
}

}  // namespace

std::unique_ptr<Subcommand> make_submit() { return std::make_unique<SubmitCommand>(); }

}  // namespace ktrain
