// Asks the person at the terminal before something is done that cannot be taken back.
#pragma once

#include <string>

#include "cli/term/session.h"

namespace ktrain {

// True when `yes` (the flag --yes), or when the answer at the terminal is y or yes. Elsewhere nobody can be asked, and
// a script must not wait for ever: Error{usage}, before anything is done. `what`: "delete job cnn".
bool agreed(term::Session& session, bool yes, const std::string& what);

}  // namespace ktrain
