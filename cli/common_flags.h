// The flags that every command has: help, quiet, verbose, color.
#pragma once

#include <string>

#include "cli/term/flags.h"
#include "cli/term/session.h"

namespace ktrain {

struct CommonFlags {
    bool help = false;
    bool quiet = false;
    int verbosity = 0;
    std::string color = "auto";

    void declare(term::Flags& flags);
    void apply(term::Session& session) const;
};

}  // namespace ktrain
