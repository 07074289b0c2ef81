// `ktrain validate --fix` and `--diff`.
#pragma once

#include <vector>

#include "cli/term/session.h"
#include "core/base/text.h"
#include "core/lint/baseline.h"
#include "core/lint/fix.h"

namespace ktrain {

// Mends the sources: files are replaced whole, standard input goes to standard output. Says on standard error what it
// did, and where a file cannot be written, which others are.
lint::Fixed mend(term::Session& session, std::vector<lint::Source> sources, const lint::CheckSources& check);
// Prints a unified diff of what mend() would write. The exit code is 3 when there is any.
int show_diff(term::Session& session, std::vector<lint::Source> sources, const lint::CheckSources& check);

}  // namespace ktrain
