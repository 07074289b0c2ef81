// Names that completion looks up at the moment it is asked: namespaces, contexts, jobs, templates, spec fields.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/complete.h"

namespace ktrain {

// Names of this kind; `flags` and the `words` typed so far tell which cluster is meant.
std::vector<Candidate> live_values(term::Session& session, term::Complete kind, const term::Flags& flags,
                                   std::span<const std::string> words);

}  // namespace ktrain
