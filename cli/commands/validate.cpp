// `ktrain validate`: checks manifests offline and says where and how to mend them.
#include "cli/commands/commands.h"
#include "cli/commands/validate_formats.h"
#include "cli/commands/validate_input.h"
#include "cli/commands/validate_output.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/lint/lint.h"

namespace ktrain {
namespace {

Severity severity_of(const std::string& word) {
    return word == "error" ? Severity::error : word == "warning" ? Severity::warning : Severity::info;
}

class ValidateCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(
            paths_,
            {.name = "FILE", .help = "Files, folders (read with their subfolders) or - for standard input", .max = 0});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = finding_formats()});
        flags.add(&min_severity_, {.name = "min-severity",
                                   .value = "LEVEL",
                                   .help = "Leave out findings below this level",
                                   .choices = {"info", "warning", "error"}});
        flags.add(&versions_, {.name = "kubernetes-version",
                               .value = "VERSION",
                               .help = "Versions of the clusters the files are for: 1.31, or 1.29-1.33"});
        flags.add(&selection_.only, {.name = "only", .value = "RULE", .help = "Run this rule alone; repeat for more"});
        flags.add(&selection_.skip, {.name = "skip", .value = "RULE", .help = "Do not run this rule; repeat for more"});
        flags.add(&explain_, {.name = "explain", .value = "RULE", .help = "Explain a rule, or all, and exit"});
    }

    int run(term::Session& session) override {
        if (explain_) {
            session.out.write(explain(*explain_));
            return exit_code::done;
        }
        lint::Target target;
        if (versions_) target = {lint::Minors::parse(*versions_), true};
        lint::check({}, selection_);  // names of rules are checked before any file is read
        std::vector<lint::Source> sources = read_sources(session, paths_);
        lint::Report report = lint::check(sources, selection_, target);
        if (report.objects == 0 && report.findings.empty()) {
            throw Error(ErrorKind::input, "no Kubernetes object in " + printable(describe_paths()), {},
                        "see what is written there: ktrain generate SPEC | ktrain validate -");
        }
        Severity least = severity_of(min_severity_);
        std::erase_if(report.findings, [&](const Diagnostic& d) { return d.severity < least; });
        session.out.write(render_findings(output_, {report, sources, session}));
        bool clean = report.count(Severity::error) + report.count(Severity::warning) == 0;
        return clean ? exit_code::done : exit_code::no;
    }

private:
    static std::string explain(const std::string& name) {
        std::string text;
        for (const lint::Rule& rule : lint::rules()) {
            if (name == "all" || name == rule.id || name == rule.name)
                text += (text.empty() ? "" : "\n") + rule_text(rule);
        }
        if (text.empty()) lint::check({}, {.only = {name}, .skip = {}});  // throws
        return text;
    }

    std::string describe_paths() const {
        const bool standard_input = paths_.empty() || paths_ == std::vector<std::string>{"-"};
        return standard_input ? "standard input" : join(paths_, ", ");
    }

    std::vector<std::string> paths_;
    std::string output_ = "table";
    std::string min_severity_ = "info";
    std::optional<std::string> explain_;
    std::optional<std::string> versions_;
    lint::Selection selection_;
};

}  // namespace

std::unique_ptr<Subcommand> make_validate() {
    return std::make_unique<ValidateCommand>();
}

}  // namespace ktrain
