// `ktrain diagnose`: why a job does not run, or why it failed: ranked causes with evidence, remedy and a next command.
#include <fmt/format.h>

#include "cli/commands/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/term/output.h"
#include "core/advice/explain.h"
#include "core/advice/gather.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::size_t page_width = 80, shown_evidence = 24;

// Words put into lines of the page's width, each after the first with the indent; a longer word stays whole.
std::string wrapped(const std::string& text, const std::string& first, const std::string& indent) {
    std::string out, line = first;
    bool empty = true;
    for (const std::string& word : split(printable(text), ' ')) {
        if (word.empty()) continue;
        if (!empty && term::display_width(line) + 1 + term::display_width(word) > page_width) {
            out += line + "\n";
            line = indent;
            empty = true;
        }
        line += (empty ? "" : " ") + word;
        empty = false;
    }
    return out + line + "\n";
}

class DiagnoseCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "NAME",
                                 .help = "Job, or KIND/NAME of another workload, pod or Service",
                                 .min = 1,
                                 .max = 1,
                                 .complete = term::Complete::job});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"text", "json", "yaml"}});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        const advice::Symptoms symptoms = advice::Symptoms::built_in();
        Cluster cluster = cluster_.open(session);
        return until_stopped(session, "", [&] {
            const advice::Snapshot snapshot =
                advice::gather(*cluster.client, cluster.connection.namespace_, names_.front());
            auto findings = advice::diagnose(snapshot, symptoms);
            for (auto& finding : findings) finding.command = reaching(finding.command, cluster.client->server());
            for (const std::string& text : snapshot.unread) session.note("not looked at: " + text);
            show_warnings(session, *cluster.client);
            if (output_ == "text")
                show(session, snapshot, findings);
            else
                session.out.write(term::render(as_json(snapshot, findings),
                                               output_ == "json" ? term::Format::json : term::Format::yaml));
            return findings.empty() ? exit_code::done : exit_code::no;
        });
    }

private:
    static Json as_json(const advice::Snapshot& snapshot, const std::vector<advice::Finding>& findings) {
        const advice::ObjectRef root = advice::ref_of(snapshot.root);
        const std::string by = advice::suspended_by(snapshot.root);
        Json out{{"object", {{"kind", root.kind}, {"namespace", root.namespace_}, {"name", root.name}}},
                 {"healthy", findings.empty()},
                 {"suspended_by", by.empty() ? Json() : Json(by)},
                 {"findings", Json::array()},
                 {"unread", snapshot.unread}};
        for (const auto& finding : findings) out["findings"].push_back(advice::to_json(finding));
        return out;
    }

    void show(term::Session& session, const advice::Snapshot& snapshot,
              const std::vector<advice::Finding>& findings) const {
        const advice::ObjectRef root = advice::ref_of(snapshot.root);
        if (findings.empty()) {
            const std::string by = advice::suspended_by(snapshot.root);
            session.out.write(fmt::format("{} in namespace {}: nothing is wrong{}\n", printable(root.text()),
                                          printable(root.namespace_), by.empty() ? "" : "; suspended by " + by));
            return;
        }
        for (std::size_t i = 0; i < findings.size(); ++i) {
            if (i > 0) session.out.write("\n");
            session.out.write(text_of(findings[i], i == 0, session.out_color()));
        }
    }

    static std::string text_of(const advice::Finding& finding, bool first, bool color) {
        const auto tint = finding.severity == Severity::error ? term::Ink::red : term::Ink::yellow;
        std::string out = term::ink(finding.cause, tint, color) + "  " + printable(finding.object.text());
        if (finding.count > 1) out += fmt::format(" and {} more", finding.count - 1);
        out += "\n" + wrapped(finding.summary, "  ", "  ");
        std::size_t shown = 0;
        for (const std::string& line : finding.evidence) {
            if (++shown > (first ? shown_evidence : 3)) break;
            if (line.starts_with("log: "))
                out += "    | " + term::cut(printable(line.substr(5)), page_width - 6) + "\n";
            else
                out += wrapped(line, "    - ", "      ");
        }
        out += wrapped(finding.remedy, "  Remedy: ", "          ");
        if (!finding.command.empty()) out += "  Next:   " + printable(finding.command) + "\n";
        return out;
    }

    std::vector<std::string> names_;
    std::string output_ = "text";
    ClusterFlags cluster_;
};

}  // namespace

std::unique_ptr<Subcommand> make_diagnose() {
    return std::make_unique<DiagnoseCommand>();
}

}  // namespace ktrain
