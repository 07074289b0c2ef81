// `ktrain validate`: checks manifests offline and says where and how to mend them.
#include "cli/commands/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/commands/validate_formats.h"
#include "cli/commands/validate_output.h"
#include "cli/commands/validate_run.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

class ValidateCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(o_.paths, {.name = "FILE",
                                   .help = "Files, folders (read with their subfolders), globs in quotes ('**' for any "
                                           "folders) or - for standard input",
                                   .max = 0});
        declare_output(flags);
        declare_rules(flags);
        declare_fixes(flags);
        flags.add(&o_.versions, {.name = "kubernetes-version",
                                 .value = "VERSION",
                                 .help = "Versions of the clusters the files are for: 1.31, or 1.29-1.33"});
        declare_kinds(flags);
        flags.add(&o_.closed, {.name = "closed",
                               .help = "The files are all there is: what they refer to and do not hold is an error"});
        flags.add(&o_.budget, {.name = "budget", .value = "DOLLARS", .help = "What a job may cost until its deadline"});
        flags.add(&o_.jobs, {.name = "jobs", .value = "N", .help = "Threads to check with; 0: one for each CPU"});
    }

    int run(term::Session& session) override {
        if (explain_) {
            session.out.write(explain(*explain_));
            return exit_code::done;
        }
        if (o_.cluster) {
            if (o_.versions)
                throw Error(ErrorKind::usage, "--cluster and --kubernetes-version exclude each other", {},
                            "the server says its version: leave --kubernetes-version out");
            return run_validate(session, o_, connection_.open(session).client.get());
        }
        return run_validate(session, o_, nullptr);
    }

private:
    void declare_output(term::Flags& flags) {
        flags.add(&o_.output, {.name = "output",
                               .short_name = 'o',
                               .value = "FORMAT",
                               .help = "Output format",
                               .choices = finding_formats()});
        flags.add(&o_.min_severity, {.name = "min-severity",
                                     .value = "LEVEL",
                                     .help = "Leave out findings below this level",
                                     .choices = {"info", "warning", "error"}});
        flags.add(&o_.baseline, {.name = "baseline",
                                 .value = "FILE",
                                 .help = "Leave out the findings that this file knows",
                                 .complete = term::Complete::file});
        flags.add(&o_.write_baseline, {.name = "write-baseline",
                                       .value = "FILE",
                                       .help = "Write what is found now to a file for --baseline",
                                       .complete = term::Complete::file});
    }

    void declare_rules(term::Flags& flags) {
        flags.add(&o_.selection.only,
                  {.name = "only", .value = "RULE", .help = "Run this rule or family (KT) alone; repeat for more"});
        flags.add(&o_.selection.skip,
                  {.name = "skip", .value = "RULE", .help = "Do not run this rule or family; repeat for more"});
        flags.add(&explain_, {.name = "explain", .value = "RULE", .help = "Explain a rule, or all, and exit"});
        flags.add(&o_.config, {.name = "config",
                               .value = "FILE",
                               .help = "Settings; by default .ktrain.yaml here or above, up to the repository's root",
                               .complete = term::Complete::file});
        flags.add(&o_.no_config, {.name = "no-config", .help = "Read no settings"});
    }

    void declare_kinds(term::Flags& flags) {
        flags.add(&o_.crds, {.name = "crd",
                             .value = "PATH",
                             .help = "Read CustomResourceDefinitions from this file or folder; repeat for more",
                             .complete = term::Complete::file});
        flags.add(&o_.cluster,
                  {.name = "cluster", .help = "Check for the cluster: its version and the kinds it serves"});
        connection_.declare(flags);
    }

    void declare_fixes(term::Flags& flags) {
        flags.add(&o_.fix, {.name = "fix", .help = "Write what mends findings surely into the files"});
        flags.add(&o_.diff, {.name = "diff", .help = "Show what --fix would write; exit code 3 when there is any"});
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

    ValidateOptions o_;
    ClusterFlags connection_;
    std::optional<std::string> explain_;
};

}  // namespace

std::unique_ptr<Subcommand> make_validate() {
    return std::make_unique<ValidateCommand>();
}

}  // namespace ktrain
