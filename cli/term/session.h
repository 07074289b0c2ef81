// What a subcommand gets to work with: the streams, the outside world and the flags that every command has.
#pragma once

#include "cli/term/io.h"
#include "core/base/world.h"

namespace ktrain::term {

struct Session {
    Output& out;  // results
    Output& err;  // progress, hints, warnings, errors
    Input& in;
    const Env& env;
    Clock& clock;
    Files& files;

    bool quiet = false;
    int verbosity = 0;
    ColorMode color = ColorMode::automatic;
    std::string program = "ktrain";  // argv[0], to find ../lib/ktrain

    bool out_color() const { return use_color(color, out, env); }
    bool err_color() const { return use_color(color, err, env); }
    // Whether text on stderr can be drawn anew in place.
    bool err_redraws() const { return err.is_terminal() && env.get("TERM").value_or("dumb") != "dumb"; }
    // One line on stderr unless --quiet.
    void note(std::string_view text) const;
    // "warning: ..." on stderr, always.
    void warn(std::string_view text) const;
};

}  // namespace ktrain::term
