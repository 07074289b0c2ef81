// The manual page, from the command table and the exit codes.
#include <fmt/format.h>

#include "cli/app.h"
#include "cli/common_flags.h"
#include "cli/help.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/base/version.h"

namespace ktrain {
namespace {

// Text as roff: backslashes and leading dots would be read as requests.
std::string roff(std::string_view text) {
    std::string result;
    for (const auto& line : split(text, '\n')) {
        if (line.starts_with('.') || line.starts_with('\'')) result += "\\&";
        for (const char c : line) result += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
        result += '\n';
    }
    return result;
}

}  // namespace

std::string man_page() {
    std::string page = fmt::format(
        ".TH KTRAIN 1 \"\" \"ktrain {}\" \"User Commands\"\n.SH NAME\nktrain \\- plan, check, submit and run training jobs "
        "on Kubernetes\n.SH SYNOPSIS\n.B ktrain\n.I COMMAND\n[\\fIflags\\fR]\n.SH COMMANDS\n",
        version());
    for (const auto& command : commands()) {
        if (command.hidden) continue;
        const auto subcommand = command.make();
        term::Flags flags;
        CommonFlags common;
        subcommand->declare(flags);
        common.declare(flags);
        page += fmt::format(".SS \"ktrain {}\"\n.nf\n{}.fi\n", command.name, roff(command_help(command, flags, false)));
    }
    page += ".SH EXIT STATUS\n";
    for (const auto& row : exit_codes) page += fmt::format(".TP\n.B {}\n{}", row.code, roff(row.meaning));
    return page;
}

}  // namespace ktrain
