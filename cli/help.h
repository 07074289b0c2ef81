// The text of help, made from the command table and the declared flags.
#pragma once

#include <string>

#include "cli/commands/command.h"

namespace ktrain {

std::string overview_help(bool color);
// Summary, examples, then flags by group; fits 80 columns.
std::string command_help(const Command& command, const term::Flags& flags, bool color);
// ktrain(1) as roff.
std::string man_page();
std::string symptoms_page();  // docs/symptoms.md
// "ktrain submit FILE [flags]"
std::string usage_line(const Command& command, const term::Flags& flags);

}  // namespace ktrain
