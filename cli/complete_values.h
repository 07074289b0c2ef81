// Names that completion looks up at the moment it is asked: namespaces, contexts, jobs, shells.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/complete.h"

namespace ktrain {

// Names of this kind; the `words` typed so far tell which cluster is meant, the last of them is unfinished.
std::vector<Candidate> live_values(term::Session& session, term::Complete kind, std::span<const std::string> words);

}  // namespace ktrain
