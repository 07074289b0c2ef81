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
// `named`: see lint::fix().
lint::Fixed mend(term::Session& session, std::vector<lint::Source> sources, const lint::CheckSources& check,
                 const std::vector<std::string>& named);
// Prints a unified diff of what mend() would write. The exit code is 3 when there is any.
int show_diff(term::Session& session, std::vector<lint::Source> sources, const lint::CheckSources& check,
              const std::vector<std::string>& named);

}  // namespace ktrain
