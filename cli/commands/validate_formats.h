// The formats in which `ktrain validate` hands out its findings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/term/session.h"
#include "core/lint/lint.h"

namespace ktrain {

// What there is to show, and to whom.
struct Shown {
    const lint::Report& report;
    const std::vector<lint::Source>& sources;
    const term::Session& session;
};

// The names, sorted, for the flag.
std::vector<std::string_view> finding_formats();
// Whether a format of that list says how findings can be mended: Selection::changes.
bool shows_changes(std::string_view format);
// The whole output in a format of that list.
void write_findings(std::string_view format, const Shown& shown, term::Output& out);

}  // namespace ktrain
