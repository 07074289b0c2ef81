// `ktrain status`: the training jobs of a namespace, or one of them with its pods and what keeps it from running.
#include <fmt/format.h>

#include "cli/commands/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/term/output.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/kube/job.h"
#include "core/kube/submission.h"

namespace ktrain {
namespace {

constexpr std::size_t shown_events = 8;

std::string age(std::optional<kube::Time> from, std::optional<kube::Time> to, const Clock& clock) {
    if (!from) return "";
    return human_duration(std::chrono::duration_cast<std::chrono::seconds>(to.value_or(clock.now()) - *from));
}

Json time_json(const std::optional<kube::Time>& time) {
    return time ? Json(kube::format_time(*time)) : Json(nullptr);
}

Json summary(const kube::JobState& job) {
    return {{"name", job.name},
            {"namespace", job.namespace_},
            {"status", kube::name_of(job.phase)},
            {"reason", job.reason},
            {"message", job.message},
            {"specDigest", job.digest},
            {"completions", job.wanted},
            {"active", job.active},
            {"ready", job.ready},
            {"succeeded", job.succeeded},
            {"failed", job.failed},
            {"created", time_json(job.created)},
            {"started", time_json(job.started)},
            {"finished", time_json(job.finished)}};
}

Json summary(const kube::PodState& pod) {
    return {{"name", pod.name},
            {"rank", pod.rank < 0 ? Json(nullptr) : Json(pod.rank)},
            {"status", pod.status},
            {"message", pod.message},
            {"node", pod.node},
            {"restarts", pod.restarts},
            {"exitCode", pod.exit_code ? Json(*pod.exit_code) : Json(nullptr)},
            {"created", time_json(pod.created)}};
}

Json summary(const kube::EventLine& event) {
    return {{"object", event.object},   {"type", event.type},   {"reason", event.reason},
            {"message", event.message}, {"count", event.count}, {"last", time_json(event.last)}};
}

class StatusCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Name of a job; without one all jobs are listed",
                                 .min = 0,
                                 .max = 1,
                                 .complete = term::Complete::job});
        flags.add(&all_, {.name = "all-namespaces", .short_name = 'A', .help = "List the jobs of all namespaces"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "wide", "json", "yaml", "name"}});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        if (all_ && !names_.empty())
            throw Error(ErrorKind::usage, "-A lists the jobs of all namespaces; it goes with no NAME", {},
                        "use -n NAMESPACE");
        Cluster cluster = cluster_.open(session);
        return until_stopped(session, "", [&] {
            if (names_.empty())
                list(session, cluster);
            else
                show(session, cluster, names_.front());
            show_warnings(session, *cluster.client);
            return exit_code::done;
        });
    }

private:
    void list(term::Session& session, Cluster& cluster) const;
    void list_table(term::Session& session, const std::vector<kube::JobState>& jobs) const;
    void show(term::Session& session, Cluster& cluster, const std::string& name) const;
    void show_text(term::Session& session, const kube::JobState& job, const std::vector<kube::PodState>& pods,
                   const std::vector<kube::EventLine>& events) const;
    bool machine() const { return output_ == "json" || output_ == "yaml"; }
    term::Format format() const { return output_ == "json" ? term::Format::json : term::Format::yaml; }

    std::vector<std::string> names_;
    bool all_ = false;
    std::string output_ = "table";
    ClusterFlags cluster_;
};

void StatusCommand::list(term::Session& session, Cluster& cluster) const {
    const std::string where = all_ ? "" : cluster.connection.namespace_;
    const auto listing =
        cluster.client->list(*kube::built_in_resource("batch/v1", "Job"), where, {std::string(label_job), ""});
    std::vector<kube::JobState> jobs;
    for (const Json& job : listing.items) jobs.push_back(kube::job_state(job));
    if (machine()) {
        Json items = Json::array();
        for (const auto& job : jobs) items.push_back(summary(job));
        session.out.write(term::render({{"jobs", items}}, format()));
    } else if (output_ == "name") {
        for (const auto& job : jobs) session.out.write("job.batch/" + job.name + "\n");
    } else if (jobs.empty()) {
        session.note(all_ ? "no training jobs" : fmt::format("no training jobs in namespace \"{}\"", where));
    } else {
        list_table(session, jobs);
    }
}

void StatusCommand::list_table(term::Session& session, const std::vector<kube::JobState>& jobs) const {
    std::vector<std::string> headers{"NAME", "STATUS", "PODS", "DONE", "FAILED", "DURATION", "AGE"};
    if (all_) headers.insert(headers.begin(), "NAMESPACE");
    if (output_ == "wide") headers.insert(headers.end(), {"DIGEST", "REASON"});
    term::Table table(headers);
    for (const auto& job : jobs) {
        std::vector<std::string> row{job.name,
                                     job.deleting ? "Deleting" : std::string(kube::name_of(job.phase)),
                                     fmt::format("{}/{}", job.ready, job.wanted),
                                     std::to_string(job.succeeded),
                                     std::to_string(job.failed),
                                     age(job.started, job.finished, session.clock),
                                     age(job.created, {}, session.clock)};
        if (all_) row.insert(row.begin(), job.namespace_);
        if (output_ == "wide") row.insert(row.end(), {job.digest, job.reason});
        table.row(row);
    }
    session.out.write(
        table.text(session.out.is_terminal() && output_ != "wide" ? static_cast<std::size_t>(session.out.width()) : 0));
}

void StatusCommand::show(term::Session& session, Cluster& cluster, const std::string& name) const {
    const std::string& where = cluster.connection.namespace_;
    kube::KubeClient& client = *cluster.client;
    const kube::JobState job = kube::job_state(client.get(*kube::built_in_resource("batch/v1", "Job"), where, name));
    if (output_ == "name") return session.out.write("job.batch/" + job.name + "\n");
    const auto pods = kube::pod_states(
        client.list(*kube::built_in_resource("v1", "Pod"), where, {"batch.kubernetes.io/job-name=" + name, ""}).items);
    std::vector<kube::EventLine> events;
    try {
        events = kube::telling_events(client.list(*kube::built_in_resource("v1", "Event"), where, {}).items, job, pods);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::denied) throw;
        session.note("the events may not be read: " + error.message);
    }
    if (!machine()) return show_text(session, job, pods, events);
    Json out = summary(job);
    out["waitingFor"] = obstacle(job, pods, events).text;
    out["pods"] = Json::array();
    for (const auto& pod : pods) out["pods"].push_back(summary(pod));
    out["events"] = Json::array();
    for (const auto& event : events) out["events"].push_back(summary(event));
    session.out.write(term::render(out, format()));
}

void StatusCommand::show_text(term::Session& session, const kube::JobState& job,
                              const std::vector<kube::PodState>& pods,
                              const std::vector<kube::EventLine>& events) const {
    std::string text = fmt::format("Job:       {}\nNamespace: {}\nStatus:    {}", job.name, job.namespace_,
                                   job.deleting ? "Deleting" : kube::name_of(job.phase));
    if (!job.reason.empty()) text += fmt::format(" ({})", printable(job.reason));
    text += fmt::format("\nPods:      {} of {} ready, {} done, {} failed\n", job.ready, job.wanted, job.succeeded,
                        job.failed);
    if (job.started) text += fmt::format("Duration:  {}\n", age(job.started, job.finished, session.clock));
    if (job.created) text += fmt::format("Age:       {}\n", age(job.created, {}, session.clock));
    if (!job.message.empty()) text += "Message:   " + printable(job.message) + "\n";
    if (const std::string why = obstacle(job, pods, events).text; !why.empty()) text += "Waits for: " + why + "\n";
    if (job.phase == kube::JobPhase::failed) {
        if (const kube::PodState* pod = first_failure(pods))
            text += fmt::format("Failed:    pod {}: {}\n", printable(pod->name), explain_exit(*pod));
    }
    session.out.write(text);
    const std::size_t width =
        session.out.is_terminal() && output_ != "wide" ? static_cast<std::size_t>(session.out.width()) : 0;
    if (!pods.empty()) {
        term::Table table({"RANK", "POD", "STATUS", "EXIT", "RESTARTS", "AGE", "NODE"});
        for (const auto& pod : pods) {
            table.row({pod.rank < 0 ? "" : std::to_string(pod.rank), pod.name, pod.status,
                       pod.exit_code ? std::to_string(*pod.exit_code) : "", std::to_string(pod.restarts),
                       age(pod.created, {}, session.clock), pod.node});
        }
        session.out.write("\n" + table.text(width));
    }
    const bool well = job.phase == kube::JobPhase::running || job.phase == kube::JobPhase::complete;
    if (well || events.empty()) return;
    term::Table table({"AGE", "TYPE", "REASON", "OBJECT", "MESSAGE"});
    for (std::size_t i = events.size() - std::min(events.size(), shown_events); i < events.size(); ++i) {
        const auto& event = events[i];
        table.row({age(event.last, {}, session.clock), event.type, event.reason, event.object,
                   event.count > 1 ? fmt::format("{} (x{})", event.message, event.count) : event.message});
    }
    session.out.write("\n" + table.text(width));
}

}  // namespace

std::unique_ptr<Subcommand> make_status() {
    return std::make_unique<StatusCommand>();
}

}  // namespace ktrain
