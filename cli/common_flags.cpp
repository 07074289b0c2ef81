// Declaration and effect of the common flags.
#include "cli/common_flags.h"

namespace ktrain {

void CommonFlags::declare(term::Flags& flags) {
    const std::string group = "Common flags";
    flags.add(&help, {.name = "help", .short_name = 'h', .help = "Show this help", .group = group});
    flags.add(&quiet, {.name = "quiet", .short_name = 'q', .help = "Say less on stderr", .group = group});
    flags.add(&verbosity, {.name = "verbose",
                           .short_name = 'v',
                           .help = "Say more on stderr, with requests to a cluster",
                           .group = group});
    flags.add(&color, {.name = "color",
                       .value = "WHEN",
                       .help = "Colour the output",
                       .choices = {"auto", "always", "never"},
                       .group = group});
}

void CommonFlags::apply(term::Session& session) const {
    session.quiet = quiet;
    session.verbosity = verbosity;
    session.color = color == "always"  ? term::ColorMode::always
                    : color == "never" ? term::ColorMode::never
                                       : term::ColorMode::automatic;
}

}  // namespace ktrain
