// `ktrain validate`: checks manifests offline and says where and how to mend them.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/validate_output.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/lint/lint.h"

namespace ktrain {
namespace {

constexpr int max_folder_depth = 64;  // ends loops of symbolic links

bool is_manifest(const std::string& name) {
    return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

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
                             .choices = {"table", "json", "yaml"}});
        flags.add(&min_severity_, {.name = "min-severity",
                                   .value = "LEVEL",
                                   .help = "Leave out findings below this level",
                                   .choices = {"info", "warning", "error"}});
        flags.add(&selection_.only, {.name = "only", .value = "RULE", .help = "Run this rule alone; repeat for more"});
        flags.add(&selection_.skip, {.name = "skip", .value = "RULE", .help = "Do not run this rule; repeat for more"});
        flags.add(&explain_, {.name = "explain", .value = "RULE", .help = "Explain a rule, or all, and exit"});
    }

    int run(term::Session& session) override {
        if (explain_) {
            session.out.write(explain(*explain_));
            return exit_code::done;
        }
        lint::check({}, selection_);  // names of rules are checked before any file is read
        std::vector<lint::Source> sources = read_sources(session);
        lint::Report report = lint::check(sources, selection_);
        if (report.objects == 0 && report.findings.empty()) {
            throw Error(ErrorKind::input, "no Kubernetes object in " + printable(describe_paths()), {},
                        "see what is written there: ktrain generate SPEC | ktrain validate -");
        }
        Severity least = severity_of(min_severity_);
        std::erase_if(report.findings, [&](const Diagnostic& d) { return d.severity < least; });
        session.out.write(
            output_ == "table"
                ? findings_text(report, sources, session)
                : term::render(report_json(report), output_ == "json" ? term::Format::json : term::Format::yaml));
        bool clean = report.count(Severity::error) + report.count(Severity::warning) == 0;
        return clean ? exit_code::done : exit_code::no;
    }

private:
    std::vector<lint::Source> read_sources(term::Session& session) {
        if (paths_.empty() && session.in.is_terminal()) {
            throw Error(ErrorKind::usage, "no file given", {}, "give files or folders, or - for standard input");
        }
        if (paths_.empty()) paths_.emplace_back("-");
        std::vector<lint::Source> sources;
        for (const std::string& path : paths_) {
            if (path == "-") {
                sources.push_back({"-", session.in.read_all()});
            } else if (session.files.is_folder(path)) {
                std::size_t before = sources.size();
                read_folder(session, path, 0, sources);
                if (sources.size() > before) continue;
                throw Error(ErrorKind::input, "no *.yaml, *.yml or *.json in " + printable(path));
            } else {
                sources.push_back({path, read_file(session, path)});
            }
        }
        return sources;
    }

    // A file that cannot be read is invalid input here, whatever the reason.
    static std::string read_file(term::Session& session, const std::string& path) {
        try {
            return session.files.read(path);
        } catch (Error& error) {
            if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::denied) error.kind = ErrorKind::input;
            throw;
        }
    }

    static void read_folder(term::Session& session, const std::string& folder, int depth,
                            std::vector<lint::Source>& sources) {
        if (depth > max_folder_depth) {
            throw Error(ErrorKind::input, printable(folder) + " nests deeper than 64 folders", {},
                        "look for a symbolic link that leads back");
        }
        for (const std::string& name : session.files.list(folder)) {
            if (name.starts_with('.')) continue;
            std::string path = folder.ends_with('/') ? folder + name : folder + "/" + name;
            if (session.files.is_folder(path)) {
                read_folder(session, path, depth + 1, sources);
            } else if (is_manifest(name)) {
                sources.push_back({path, read_file(session, path)});
            }
        }
    }

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
        return paths_ == std::vector<std::string>{"-"} ? "standard input" : join(paths_, ", ");
    }

    std::vector<std::string> paths_;
    std::string output_ = "table";
    std::string min_severity_ = "info";
    std::optional<std::string> explain_;
    lint::Selection selection_;
};

}  // namespace

std::unique_ptr<Subcommand> make_validate() {
    return std::make_unique<ValidateCommand>();
}

}  // namespace ktrain
