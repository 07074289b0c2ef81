// Writes what mends findings into the files they were found in.
#pragma once

#include <functional>
#include <vector>

#include "core/lint/lint.h"

namespace ktrain::lint {

using CheckSources = std::function<Report(const std::vector<Source>&)>;

struct Fixed {
    std::vector<Source> sources;  // all, in the order given
    Report report;                // of what they are now
    std::size_t applied = 0;      // findings that are gone
    Diagnostics left_out;         // findings that have changes which cannot be written there
    Diagnostics of_policy;        // that have changes which nobody asked for by name
};

// Applies the changes of findings, round after round, until nothing is left to apply: of changes that are in each
// other's way the first wins, the next round sees the rest. An edit stays only if the text then holds what the changes
// say and nothing else is different, and the finding is gone. Comments, layout, quotes and line ends stay.
// `named`: rules of policy that may be mended, by id or name; the others may in any case.
Fixed fix(std::vector<Source> sources, const CheckSources& check, const std::vector<std::string>& named = {});

}  // namespace ktrain::lint
