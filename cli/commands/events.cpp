// `ktrain events`: what happened to a workload, its pods and all objects between.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "cli/commands/commands.h"
#include "cli/commands/workload_batch.h"
#include "cli/commands/workload_view.h"
#include "core/base/exit_code.h"
#include "core/kube/feed.h"
#include "core/kube/made_names.h"

namespace ktrain {
namespace {

using namespace std::chrono_literals;

// Which events are about a workload: those of what it has made, by uid, and of what is gone or yet to come, by name.
class OwnEvents {
public:
    OwnEvents(Cluster& cluster, kube::Workload workload, const kube::OwnerTree& tree)
        : cluster_(cluster), workload_(std::move(workload)) {
        for (const Json& object : tree.objects) uids_.insert(kube::meta(object, "uid"));
    }

    // Asks nobody: another workload of a name that begins like this one's may be meant.
    bool may_be(const Json& event) const {
        const Json& about = at_path(event, {"involvedObject"});
        const std::string name = string_or(about, "name"), kind = string_or(about, "kind");
        if (is_of_known(about)) return true;
        const bool made = kind == "Pod" || std::ranges::any_of(kube::workload_kinds(),
                                                               [&](const auto& row) { return row.kind == kind; });
        return made ? kube::would_name(workload_.object, kind, name) : name.starts_with(workload_.name() + "-");
    }

    // Of those that may be. The namesakes are asked for once, where a name has to decide.
    bool are(const Json& event) {
        const Json& about = at_path(event, {"involvedObject"});
        if (is_of_known(about)) return true;
        if (!namesakes_) namesakes_ = find_namesakes();
        const std::string name = string_or(about, "name");
        return std::ranges::none_of(*namesakes_,
                                    [&](const std::string& one) { return name == one || name.starts_with(one + "-"); });
    }

private:
    bool is_of_known(const Json& about) const { return uids_.contains(string_or(about, "uid")); }

    // Workloads whose names begin as those of this one's pods do, and that it has not made.
    std::vector<std::string> find_namesakes() const {
        std::vector<std::string> out;
        try {
            for (const kube::Workload& one :
                 kube::list_workloads(*cluster_.client, cluster_.connection.namespace_, "").items)
                if (one.name().starts_with(workload_.name() + "-") && !uids_.contains(one.uid()))
                    out.push_back(one.name());
        } catch (const Error& error) {
            if (error.kind != ErrorKind::denied || error.general) throw;
        }
        return out;
    }

    Cluster& cluster_;
    kube::Workload workload_;
    std::set<std::string> uids_;
    std::optional<std::vector<std::string>> namesakes_;
};

class EventsCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Name of the job, or KIND/NAME",
                                 .min = 1,
                                 .max = 1,
                                 .complete = term::Complete::job});
        flags.add(&watch_, {.name = "watch", .short_name = 'w', .help = "Go on as events come, until interrupted"});
        flags.add(&warnings_, {.name = "warnings", .help = "Only those of type Warning"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "json", "yaml"}});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        const kube::WorkloadName name = kube::parse_workload_name(names_.front());
        Cluster cluster = cluster_.open(session);
        return until_stopped(session, "", [&] {
            const std::string& where = cluster.connection.namespace_;
            const kube::Workload workload = find_workload(session, cluster, name);
            const kube::OwnerTree tree = kube::owner_tree(*cluster.client, where, workload.object);
            for (const std::string& text : tree.unreadable) session.note("left out: " + text);
            OwnEvents own(cluster, workload, tree);
            follow(session, cluster, own);
            return session.clock.stop_signal() == 0 ? static_cast<int>(exit_code::done) : stopped_code(session);
        });
    }

private:
    void follow(term::Session& session, Cluster& cluster, OwnEvents& own) const;
    void print(term::Session& session, const std::vector<kube::EventLine>& lines, bool headers) const;

    std::vector<std::string> names_;
    bool watch_ = false, warnings_ = false;
    std::string output_ = "table";
    ClusterFlags cluster_;
};

void EventsCommand::print(term::Session& session, const std::vector<kube::EventLine>& lines, bool headers) const {
    if (output_ == "table") {
        const bool cut = session.out.is_terminal();
        std::string text =
            event_table(lines, session.clock).text(cut ? static_cast<std::size_t>(session.out.width()) : 0);
        if (!headers) text.erase(0, text.find('\n') + 1);
        return session.out.write(text);
    }
    Json items = Json::array();
    for (const kube::EventLine& line : lines) items.push_back(summary(line));
    const auto format = output_ == "json" ? term::Format::json : term::Format::yaml;
    if (!watch_) return session.out.write(term::render({{"events", items}}, format));
    for (const Json& item : items)
        session.out.write(output_ == "json" ? item.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"
                                            : "---\n" + term::render(item, format));
}

void EventsCommand::follow(term::Session& session, Cluster& cluster, OwnEvents& own) const {
    kube::Feed feed(*cluster.client, *kube::built_in_resource("v1", "Event"), cluster.connection.namespace_,
                    {"", warnings_ ? "type=Warning" : ""});
    feed.keep_only([&own](const Json& event) { return own.may_be(event); });
    std::map<std::string, std::string> said;  // the versions of those that the server still has
    for (bool first = true; session.clock.stop_signal() == 0;) {
        feed.step();
        if (feed.take_changed() || (first && feed.listed())) {
            std::vector<kube::EventLine> lines;
            std::map<std::string, std::string> now;
            for (const auto& [name, event] : feed.objects()) {
                if (!own.are(event)) continue;
                const std::string& version = now[name] = kube::meta(event, "resourceVersion");
                if (const auto old = said.find(name); old == said.end() || old->second != version)
                    lines.push_back(kube::event_line(event));
            }
            said = std::move(now);
            std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.last < b.last; });
            if (!lines.empty() || (!watch_ && output_ != "table")) print(session, lines, first);
            if (!watch_ && lines.empty() && output_ == "table")
                session.note("no events; the server keeps them for an hour");
            first = false;
            if (!watch_) return;
        }
        cluster.client->turn(200ms);
    }
}

}  // namespace

std::unique_ptr<Subcommand> make_events() {
    return std::make_unique<EventsCommand>();
}

}  // namespace ktrain
