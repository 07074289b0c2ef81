// Reference pages made from the tables of the program, so that they cannot drift.
#pragma once

#include <memory>

#include "cli/commands/command.h"

namespace ktrain {

// The hidden subcommand that prints one page ("cli", "exit-codes", "man", ...).
std::unique_ptr<Subcommand> make_docs();

}  // namespace ktrain
