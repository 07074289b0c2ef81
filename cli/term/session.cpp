// Notes and warnings on stderr.
#include "cli/term/session.h"

#include "cli/term/output.h"

namespace ktrain::term {

void Session::note(std::string_view text) const {
    if (!quiet) err.write(std::string(text) + "\n");
}

void Session::warn(std::string_view text) const {
    err.write(ink("warning:", Ink::yellow, err_color()) + " " + std::string(text) + "\n");
}

}  // namespace ktrain::term
