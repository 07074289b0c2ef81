// Asks the person at the terminal before something is done that cannot be taken back.
#include "cli/commands/ask.h"

#include <fmt/format.h>

#include "cli/term/answer.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain {

bool agreed(term::Session& session, bool yes, const std::string& what) {
    if (yes) return true;
    if (!session.in.is_terminal() || !session.err.is_terminal())
        throw Error(ErrorKind::usage, fmt::format("nobody can be asked whether to {}: this is no terminal", what), {},
                    "say --yes");
    session.err.write(fmt::format("{}? [y/N] ", what));
    session.err.flush();
    const std::string answer = lower(trim(term::read_answer()));
    return answer == "y" || answer == "yes";
}

}  // namespace ktrain
