// `ktrain validate`: checks manifests offline and says where and how to mend them.
#include <set>

#include "cli/commands/commands.h"
#include "cli/commands/validate_cluster.h"
#include "cli/commands/validate_output.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/lint/lint.h"
#include "core/manifest/folder.h"

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
                             .choices = {"table", "json", "yaml"}});
        flags.add(&min_severity_, {.name = "min-severity",
                                   .value = "LEVEL",
                                   .help = "Leave out findings below this level",
                                   .choices = {"info", "warning", "error"}});
        flags.add(&versions_, {.name = "kubernetes-version",
                               .value = "VERSION",
                               .help = "Versions of the clusters the files are for: 1.31, or 1.29-1.33"});
        flags.add(&crds_, {.name = "crd",
                           .value = "PATH",
                           .help = "Read CustomResourceDefinitions from this file or folder; repeat for more",
                           .complete = term::Complete::file});
        flags.add(&cluster_, {.name = "cluster", .help = "Check for the cluster: its version and the kinds it serves"});
        flags.add(&selection_.only, {.name = "only", .value = "RULE", .help = "Run this rule alone; repeat for more"});
        flags.add(&selection_.skip, {.name = "skip", .value = "RULE", .help = "Do not run this rule; repeat for more"});
        flags.add(&explain_, {.name = "explain", .value = "RULE", .help = "Explain a rule, or all, and exit"});
        connection_.declare(flags);
    }

    int run(term::Session& session) override {
        if (explain_) {
            session.out.write(explain(*explain_));
            return exit_code::done;
        }
        lint::Target target;
        if (cluster_ && versions_)
            throw Error(ErrorKind::usage, "--cluster and --kubernetes-version exclude each other", {},
                        "the server says its version: leave --kubernetes-version out");
        if (versions_) target = {lint::Minors::parse(*versions_), true};
        lint::check({}, selection_);  // names of rules are checked before any file is read
        const std::vector<lint::Source> crds = read_crds(session);
        std::vector<lint::Source> sources = read_sources(session);
        if (cluster_) ask_cluster(session, *connection_.open(session).client, sources, target);
        if (!crds_.empty() && !lint::add_crds(target, crds))
            throw Error(ErrorKind::input, "no CustomResourceDefinition in " + printable(join(crds_, ", ")), {},
                        "see those of a cluster: kubectl get crd NAME -o yaml");
        lint::Report report = lint::check(sources, selection_, target);
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
            if (session.files.is_folder(path)) {
                if (!read_folder(session, path, sources))
                    throw Error(ErrorKind::input, "no *.yaml, *.yml or *.json in " + printable(path));
            } else {
                read_file(session, path, sources);
            }
        }
        return sources;
    }

    std::vector<lint::Source> read_crds(term::Session& session) {
        std::vector<lint::Source> sources;
        for (const std::string& path : crds_) {
            if (session.files.is_folder(path))
                read_folder(session, path, sources);
            else
                read_file(session, path, sources);
        }
        read_.clear();  // the same file may hold objects, too
        return sources;
    }

    // Each file once, under whatever names it is given or found: nothing in it is there twice.
    void read_file(term::Session& session, const std::string& path, std::vector<lint::Source>& sources) {
        if (!read_.insert(path == "-" ? path : session.files.real_path(path)).second) return;
        try {
            sources.push_back({path, path == "-" ? session.in.read_all(limits::manifests)
                                                 : session.files.read(path, limits::manifests)});
        } catch (Error& error) {
            // A file that cannot be read is invalid input here, whatever the reason.
            if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::denied) error.kind = ErrorKind::input;
            throw;
        }
    }

    // Links to files are followed, as the folders of a mounted ConfigMap have them; links to folders are not: they
    // may lead back, or out of what was named. False when there is no manifest.
    bool read_folder(term::Session& session, const std::string& folder, std::vector<lint::Source>& sources) {
        const std::string real_folder = session.files.real_path(folder);
        bool found = false;
        for (const std::string& name : session.files.list(folder)) {
            if (name.starts_with('.')) continue;
            const std::string path = folder.ends_with('/') ? folder + name : folder + "/" + name;
            if (session.files.is_folder(path)) {
                const bool link = session.files.real_path(path) != real_folder + "/" + name;
                found |= !link && read_folder(session, path, sources);
            } else if (is_manifest_name(name) && (session.files.is_file(path) || !session.files.exists(path))) {
                read_file(session, path, sources);
                found = true;
            }
        }
        return found;
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
    std::optional<std::string> versions_;
    std::vector<std::string> crds_;
    bool cluster_ = false;
    ClusterFlags connection_;
    lint::Selection selection_;
    std::set<std::string> read_;  // real paths
};

}  // namespace

std::unique_ptr<Subcommand> make_validate() {
    return std::make_unique<ValidateCommand>();
}

}  // namespace ktrain
