// `ktrain status`: one workload with its pods and what keeps it from running, or all of a namespace.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/workload_batch.h"
#include "cli/commands/workload_list.h"
#include "cli/commands/workload_view.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/kube/job_watch.h"
#include "core/kube/log_progress.h"

namespace ktrain {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t shown_events = 8;
// Of --watch: all but the last column in 80 characters.
constexpr std::string_view change_line = "{:<20}  {:<9}  {:>7}  {:>8}  {:>4}  {:>7}  {:>7}  {}\n";

// All that is shown of one workload.
struct View {
    kube::WorkloadState state;
    std::vector<kube::PodState> pods;
    std::vector<kube::EventLine> events;
    std::map<std::string, int> positions;

    bool well() const { return state.phase == kube::Phase::running || state.phase == kube::Phase::complete; }
};

class StatusCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Name of a job, or KIND/NAME; without one all jobs are listed",
                                 .min = 0,
                                 .max = 1,
                                 .complete = term::Complete::job});
        flags.add(&watch_,
                  {.name = "watch",
                   .short_name = 'w',
                   .help = "Go on with a line for each change, until the job has ended; the exit code says how"});
        list_.declare(flags);
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        check();
        Cluster cluster = cluster_.open(session);
        return until_stopped(session, "", [&] {
            int code = exit_code::done;
            if (names_.empty())
                list_.show(session, cluster);
            else
                code = show(session, cluster, kube::parse_workload_name(names_.front()));
            show_warnings(session, *cluster.client);
            return session.clock.stop_signal() == 0 ? code : stopped_code(session);
        });
    }

private:
    void check() const {
        if (list_.all_namespaces && !names_.empty())
            throw Error(ErrorKind::usage, "-A lists the jobs of all namespaces; it goes with no NAME", {},
                        "use -n NAMESPACE");
        if (!names_.empty() && (list_.all || list_.mine || !list_.labels.empty()))
            throw Error(ErrorKind::usage, "--all, --mine and --selector choose among all jobs; they go with no NAME");
        if (watch_ && names_.empty())
            throw Error(ErrorKind::usage, "--watch follows one job: give its NAME", {},
                        "for all of them: watch ktrain list");
        if (!names_.empty()) kube::parse_workload_name(names_.front());
    }

    int show(term::Session& session, Cluster& cluster, const kube::WorkloadName& name) const;
    View read(term::Session& session, Cluster& cluster, const kube::Workload& workload) const;
    int follow(term::Session& session, Cluster& cluster, const kube::Workload& workload) const;
    void print_change(term::Session& session, const kube::JobWatch& watch) const;
    void show_text(term::Session& session, const View& view) const;
    void show_pods(term::Session& session, const View& view) const;
    Json to_json(const View& view) const;
    bool machine() const { return list_.output == "json" || list_.output == "yaml"; }
    std::size_t width(const term::Session& session) const {
        return session.out.is_terminal() && list_.output != "wide" ? static_cast<std::size_t>(session.out.width()) : 0;
    }

    std::vector<std::string> names_;
    bool watch_ = false;
    WorkloadListFlags list_;
    ClusterFlags cluster_;
};

// Events about the workload and its pods. The server filters by kind, name and reason; a workload that is well costs
// none of this, unless all is asked for.
std::vector<Json> read_events(term::Session& session, kube::KubeClient& client, const std::string& in_namespace,
                              const kube::Workload& workload) {
    const kube::Resource events = *kube::built_in_resource("v1", "Event");
    const std::string own =
        fmt::format("involvedObject.kind={},involvedObject.name={}", workload.kind->kind, workload.name());
    std::vector<Json> out;
    try {
        out = client.list(events, in_namespace, {"", own}).items;
        const bool pods_only = workload.kind->children[0].kind.empty();
        for (Json& event : client.list(events, in_namespace, {"", kube::telling_event_selector(pods_only)}).items)
            if (string_or(at_path(event, {"involvedObject"}), "name").starts_with(workload.name() + "-"))
                out.push_back(std::move(event));
    } catch (const Error& error) {
        if (error.general || (error.kind != ErrorKind::denied && !kube::no_answer(error))) throw;
        session.note("left out: " + error.message);
    }
    return out;
}

View StatusCommand::read(term::Session& session, Cluster& cluster, const kube::Workload& workload) const {
    const std::string& where = cluster.connection.namespace_;
    kube::KubeClient& client = *cluster.client;
    const kube::OwnerTree tree = kube::owner_tree(client, where, workload.object);
    for (const std::string& text : tree.unreadable) session.note("left out: " + text);
    View out;
    out.state = kube::workload_state(workload.object);
    const std::vector<Json> pods = tree.pods();
    kube::add_pods(out.state, workload.object, kube::pointers(pods));
    out.pods = kube::pods_of(workload.object, kube::pointers(pods));
    if (!out.state.progress.told() && !out.state.ended())
        out.state.progress = kube::read_log_progress(client, session.clock, where, out.pods);
    out.positions = kube::queue_positions(client, {out.state});
    if (machine() || !out.well())
        out.events = kube::telling_events(read_events(session, client, where, workload), out.state, out.pods);
    return out;
}

Json StatusCommand::to_json(const View& view) const {
    Json out = summary(view.state);
    const auto place = view.positions.find(view.state.uid);
    out["queuePosition"] = place == view.positions.end() ? Json(nullptr) : Json(place->second);
    out["waitingFor"] = obstacle(view.state, view.pods, view.events).text;
    out["pods"] = Json::array();
    for (const auto& pod : view.pods) out["pods"].push_back(summary(pod));
    out["events"] = Json::array();
    for (const auto& event : view.events) out["events"].push_back(summary(event));
    return out;
}

int StatusCommand::show(term::Session& session, Cluster& cluster, const kube::WorkloadName& name) const {
    const kube::Workload workload = find_workload(session, cluster, name);
    if (watch_) return follow(session, cluster, workload);
    if (list_.output == "name") {
        session.out.write(workload.label() + "\n");
        return exit_code::done;
    }
    const View view = read(session, cluster, workload);
    if (machine())
        session.out.write(
            term::render(to_json(view), list_.output == "json" ? term::Format::json : term::Format::yaml));
    else
        show_text(session, view);
    return exit_code::done;
}

// A line for each change of what the table shows, in columns that stay where they are; JSON in one line.
void StatusCommand::print_change(term::Session& session, const kube::JobWatch& watch) const {
    const kube::WorkloadState& state = *watch.job();
    if (machine()) {
        View view{state, watch.pods(), watch.events(), {}};
        return session.out.write(to_json(view).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    if (list_.output == "name") return session.out.write(state.name + "\n");
    const ProgressText told = progress_text(state.progress);
    const std::string why = obstacle(state, watch.pods(), watch.events()).text;
    session.out.write(fmt::format(change_line, kube::format_time(session.clock.now()), state.status(),
                                  fmt::format("{}/{}", state.ready, state.wanted), state.restarts, told.percent,
                                  told.left, told.loss, printable(why.empty() ? state.reason : why)));
}

// The exit code is that of `wait`.
int StatusCommand::follow(term::Session& session, Cluster& cluster, const kube::Workload& workload) const {
    kube::JobWatch watch(*cluster.client, cluster.connection.namespace_, workload);
    if (!machine() && list_.output != "name")
        session.out.write(
            fmt::format(change_line, "TIME", "STATUS", "READY", "RESTARTS", "DONE", "ETA", "LOSS", "WHY"));
    Json said;
    std::string trouble;
    while (session.clock.stop_signal() == 0) {
        watch.step();
        const bool changed = watch.refresh();
        const auto now = watch.trouble();
        if (const std::string text = now ? words_of(*now) : ""; text != trouble) {
            trouble = text;
            if (!text.empty()) session.note(text);
        }
        show_warnings(session, *cluster.client);
        if (changed && watch.listed() && !watch.job()) {
            session.note(fmt::format("{} was deleted before its end", workload.label()));
            return exit_code::no;
        }
        if (watch.job()) {
            const kube::WorkloadState& state = *watch.job();
            const Json shown{summary(state), obstacle(state, watch.pods(), watch.events()).cause};
            if (changed && shown != said) print_change(session, watch);
            if (changed) said = shown;
            if (state.ended()) return state.phase == kube::Phase::complete ? exit_code::done : exit_code::no;
        }
        cluster.client->turn(200ms);
    }
    return exit_code::done;  // unless a signal says otherwise
}

void StatusCommand::show_text(term::Session& session, const View& view) const {
    const kube::WorkloadState& state = view.state;
    std::string text = fmt::format("Job:       {}\nKind:      {}\nNamespace: {}\nStatus:    {}", state.name,
                                   state.kind == nullptr ? "" : state.kind->kind, state.namespace_, state.status());
    if (!state.reason.empty()) text += fmt::format(" ({})", printable(state.reason));
    text += fmt::format("\nPods:      {} of {} ready, {} done, {} failed\n", state.ready, state.wanted, state.succeeded,
                        state.failed);
    if (!state.queue.empty()) {
        const auto place = view.positions.find(state.uid);
        text += "Queue:     " + printable(state.queue);
        text += place == view.positions.end() ? "\n" : fmt::format(", number {} of those that wait\n", place->second);
    }
    const ProgressText told = progress_text(state.progress);
    if (!told.percent.empty()) text += fmt::format("Done:      {}\n", told.percent);
    if (!told.left.empty() && !state.ended()) text += fmt::format("Left:      {}\n", told.left);
    if (!told.loss.empty()) text += fmt::format("Loss:      {}\n", told.loss);
    if (state.started) text += fmt::format("Duration:  {}\n", age(state.started, state.finished, session.clock));
    if (state.created) text += fmt::format("Age:       {}\n", age(state.created, {}, session.clock));
    if (!state.message.empty()) text += "Message:   " + printable(state.message) + "\n";
    if (const std::string why = obstacle(state, view.pods, view.events).text; !why.empty())
        text += "Waits for: " + why + "\n";
    if (state.phase == kube::Phase::failed) {
        if (const kube::PodState* pod = first_failure(view.pods))
            text += fmt::format("Failed:    pod {}: {}\n", printable(pod->name), explain_exit(*pod));
    }
    session.out.write(text);
    show_pods(session, view);
}

void StatusCommand::show_pods(term::Session& session, const View& view) const {
    if (!view.pods.empty()) {
        term::Table table({"RANK", "POD", "STATUS", "EXIT", "RESTARTS", "AGE", "NODE"});
        for (const auto& pod : view.pods) {
            table.row({pod.rank < 0 ? "" : std::to_string(pod.rank), pod.name, pod.status,
                       pod.exit_code ? std::to_string(*pod.exit_code) : "", std::to_string(pod.restarts),
                       age(pod.created, {}, session.clock), pod.node});
        }
        session.out.write("\n" + table.text(width(session)));
    }
    if (view.well() || view.events.empty()) return;
    const auto newest = view.events.end() - static_cast<std::ptrdiff_t>(std::min(view.events.size(), shown_events));
    session.out.write("\n" + event_table({newest, view.events.end()}, session.clock).text(width(session)));
}

}  // namespace

std::unique_ptr<Subcommand> make_status() {
    return std::make_unique<StatusCommand>();
}

}  // namespace ktrain
