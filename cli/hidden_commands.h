// Makers of the subcommands that no help shows: they serve shells and scripts, and read the command table themselves.
#pragma once

#include <memory>

#include "cli/commands/command.h"

namespace ktrain {

std::unique_ptr<Subcommand> make_complete();  // __complete: answers the completion scripts
std::unique_ptr<Subcommand> make_docs();      // __docs: prints the generated pages of docs/

}  // namespace ktrain
