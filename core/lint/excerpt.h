// Decides which findings may show their line: none on which a secret may stand, of whatever object.
#pragma once

#include <span>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/lint/object.h"

namespace ktrain::lint {

// Sets the excerpt of findings about the objects of the bundle, which was read from these sources. The findings are
// those of the sources, in their order and that of their lines. The same for any number of threads.
void choose_excerpts(std::span<Diagnostic> findings, const Bundle& bundle, const std::vector<Source>& sources,
                     unsigned threads);

}  // namespace ktrain::lint
