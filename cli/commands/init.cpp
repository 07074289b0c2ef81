// `ktrain init`: starts a spec from a template, and explains the fields of specs.
#include "core/spec/init.h"
#include "cli/commands/commands.h"
#include "cli/commands/spec_input.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/spec/explain.h"
#include "core/spec/schema.h"

namespace ktrain {
namespace {

class InitCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.add(&template_, {.name = "template",
                               .short_name = 't',
                               .value = "NAME",
                               .help = "Template to start from",
                               .choices = template_names()});
        flags.add(&name_, {.name = "name", .value = "NAME", .help = "Name of the job"});
        flags.add(&sets_, {.name = "set",
                           .value = "PATH=VALUE",
                           .help = "Set a field of the spec; repeat for more",
                           .complete = term::Complete::field});
        flags.add(&to_,
                  {.name = "to", .value = "FILE", .help = "Write to this file", .complete = term::Complete::file});
        flags.add(&force_, {.name = "force", .help = "Overwrite the file of --to"});
        flags.add(&explain_, {.name = "explain",
                              .value = "FIELD",
                              .help = "Explain a field, a group, or the spec",
                              .complete = term::Complete::field,
                              .group = "Instead of a spec"});
        flags.add(&schema_, {.name = "schema", .help = "Print the JSON Schema of specs", .group = "Instead of a spec"});
        flags.add(&list_, {.name = "list", .help = "List the templates", .group = "Instead of a spec"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format of --list",
                             .choices = {"table", "json", "yaml", "name"},
                             .group = "Instead of a spec"});
    }

    int run(term::Session& session) override {
        check();
        if (explain_) return show(session, spec::explain(trim_field(*explain_)));
        if (schema_) return show(session, to_pretty(spec::schema()));
        if (list_) return show(session, list());
        return start(session);
    }

private:
    static std::vector<std::string_view> template_names() {
        std::vector<std::string_view> names;
        for (const spec::Template& row : spec::templates()) names.push_back(row.name);
        return names;
    }

    // Completion offers fields with the "=" that --set needs.
    static std::string trim_field(const std::string& field) { return field.substr(0, field.find('=')); }

    static int show(term::Session& session, const std::string& text) {
        session.out.write(text);
        return exit_code::done;
    }

    void check() const {
        const int others = explain_.has_value() + schema_ + list_;
        if (others > 1) throw Error(ErrorKind::usage, "--explain, --schema and --list exclude each other");
        if (others == 1 && (!template_.empty() || !to_.empty() || !name_.empty() || !sets_.empty()))
            throw Error(ErrorKind::usage, "--explain, --schema and --list print no spec, so they take no other flags");
        if (others == 0 && template_.empty())
            throw Error(ErrorKind::usage, "which template? --template is missing", {}, "see: ktrain init --list");
        if (force_ && to_.empty()) throw Error(ErrorKind::usage, "--force is for --to FILE");
        if (!output_.empty() && !list_) throw Error(ErrorKind::usage, "-o is for --list; a spec is YAML");
    }

    std::string list() const {
        if (output_ == "json" || output_ == "yaml") {
            Json rows = Json::array();
            for (const spec::Template& row : spec::templates())
                rows.push_back({{"name", row.name}, {"summary", row.summary}});
            return term::render(rows, output_ == "json" ? term::Format::json : term::Format::yaml);
        }
        term::Table table({"NAME", "SUMMARY"});
        std::string names;
        for (const spec::Template& row : spec::templates()) {
            table.row({std::string(row.name), std::string(row.summary)});
            names += std::string(row.name) + "\n";
        }
        return output_ == "name" ? names : table.text();
    }

    int start(term::Session& session) {
        // A second init must not lose what was written into the first one's file.
        if (!to_.empty() && !force_ && session.files.exists(to_))
            throw Error(ErrorKind::conflict, to_ + " exists already", {to_, 0, 0, ""},
                        "choose another file, or add --force");
        std::vector<spec::Override> overrides = parse_sets(sets_);
        if (!name_.empty()) overrides.push_back({"metadata.name", name_, "--name"});
        const spec::Started started = spec::start_from(template_, overrides);
        if (!started.problems.empty())
            session.err.write(term::render_diagnostics(started.problems, session.err_color()));
        if (has_errors(started.problems)) return exit_code::invalid;
        if (to_.empty()) return show(session, started.text);
        session.files.write(to_, started.text);
        session.note("wrote " + to_ + "; next: ktrain estimate " + to_);
        return exit_code::done;
    }

    std::string template_;
    std::string name_;
    std::vector<std::string> sets_;
    std::string to_;
    bool force_ = false;
    std::optional<std::string> explain_;
    bool schema_ = false;
    bool list_ = false;
    std::string output_;
};

}  // namespace

std::unique_ptr<Subcommand> make_init() {
    return std::make_unique<InitCommand>();
}

}  // namespace ktrain
