// `ktrain __docs PAGE`: prints a generated page of docs/ (scripts/regenerate-docs writes them all).
#include "cli/hidden_commands.h"

#include <fmt/format.h>

#include <array>

#include "cli/app.h"
#include "cli/commands/validate_output.h"
#include "cli/common_flags.h"
#include "cli/help.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/spec/explain.h"

namespace ktrain {
namespace {

constexpr std::string_view made_by = "<!-- Made by scripts/regenerate-docs; do not edit. -->\n";

term::Flags flags_of(Subcommand& subcommand, CommonFlags& common) {
    term::Flags flags;
    subcommand.declare(flags);
    common.declare(flags);
    return flags;
}

std::string cli_page() {
    std::string page = "# Commands\n\n" + std::string(made_by) + "\n";
    for (const auto& command : commands())
        if (!command.hidden) page += fmt::format("- [`ktrain {0}`](#ktrain-{0}): {1}\n", command.name, command.summary);
    for (const auto& command : commands()) {
        if (command.hidden) continue;
        const auto subcommand = command.make();
        CommonFlags common;
        page += fmt::format("\n## ktrain {}\n\n```text\n{}```\n", command.name,
                            command_help(command, flags_of(*subcommand, common), false));
    }
    return page;
}

std::string exit_code_page() {
    std::string page =
        "# Exit codes\n\n" + std::string(made_by) +
        "\nThe exit code is an interface: CI pipelines and the podFailurePolicy of generated Jobs read it.\n\n"
        "| code | name | meaning |\n|---|---|---|\n";
    for (const auto& row : exit_codes) page += fmt::format("| {} | {} | {} |\n", row.code, row.name, row.meaning);
    return page +
           "\nGenerated Jobs use `restartPolicy: Never`: codes 2 and 3 fail the Job at once, evictions and node drains\n"
           "are ignored, everything else counts against `cluster.max_restarts`.\n";
}

std::string lint_page() { return "# Rules of ktrain validate\n\n" + std::string(made_by) + rules_page(); }

std::string spec_page() { return "# The spec\n\n" + std::string(made_by) + "\n" + spec::reference_page(); }

std::string symptoms() { return "# Symptoms\n\n" + std::string(made_by) + "\n" + symptoms_page(); }

struct Page {
    std::string_view name;
    std::string (*make)();
};

constexpr std::array<Page, 6> pages{{
    {"cli", cli_page},
    {"exit-codes", exit_code_page},
    {"lint", lint_page},
    {"man", man_page},
    {"spec", spec_page},
    {"symptoms", symptoms},
}};

class DocsCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(names_, {.name = "PAGE", .help = "Page to print", .min = 1});
    }

    int run(term::Session& session) override {
        for (const auto& page : pages) {
            if (page.name != names_[0]) continue;
            session.out.write(page.make());
            return exit_code::done;
        }
        throw Error(ErrorKind::usage, "no page \"" + printable(names_[0]) + "\"");
    }

private:
    std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Subcommand> make_docs() { return std::make_unique<DocsCommand>(); }

}  // namespace ktrain
