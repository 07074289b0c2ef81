// What a subcommand is: a row of the table in cli/app.cpp and an object that lives for one call.
#pragma once

#include <memory>
#include <string_view>

#include "cli/term/flags.h"
#include "cli/term/session.h"

namespace ktrain {

// Options are its members, bound by declare(). run() first completes and checks them without I/O, then works.
// Its result is an exit code; errors are thrown.
class Subcommand {
public:
    virtual ~Subcommand() = default;
    virtual void declare(term::Flags& flags) = 0;
    virtual int run(term::Session& session) = 0;
};

struct Command {
    std::string_view name;
    std::string_view group;     // heading in the overview
    std::string_view summary;   // starts with a verb in upper case, no full stop
    std::string_view examples;  // lines for help: a comment line before each command
    std::unique_ptr<Subcommand> (*make)();
    bool hidden = false;
};

}  // namespace ktrain
