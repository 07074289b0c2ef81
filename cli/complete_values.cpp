// Providers of live names, one case for each kind.
#include "cli/complete_values.h"

namespace ktrain {

std::vector<Candidate> live_values(term::Session&, term::Complete kind, const term::Flags&,
                                   std::span<const std::string>) {
    switch (kind) {
        case term::Complete::shell: return {{"bash", ""}, {"fish", ""}, {"zsh", ""}};
        default: return {};
    }
}

}  // namespace ktrain
