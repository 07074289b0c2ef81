// The program as a function of its words: chooses the subcommand, shows help, runs it.
#pragma once

#include <span>
#include <string>

#include "cli/commands/command.h"

namespace ktrain {

// `words` without the program's name. Returns the exit code; errors are thrown (main.cpp turns them into text).
int run_app(term::Session& session, std::span<const std::string> words);

// All subcommands, sorted by name.
std::span<const Command> commands();

}  // namespace ktrain
