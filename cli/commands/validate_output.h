// How `ktrain validate` shows findings, its summary and its rules.
#pragma once

#include <string>
#include <vector>

#include "cli/term/output.h"
#include "core/lint/lint.h"

namespace ktrain {

// "file:line:column: error KT014 message", the fix, on a terminal the line with a caret, and a summary line;
// written some at a time, as all may be longer than the files.
void write_findings_text(const lint::Report& report, const std::vector<lint::Source>& sources,
                         const term::Session& session, term::Output& out);
// "3 files, 7 objects: 2 errors, 1 warning; structure not checked: DaemonSet (2)".
std::string summary_text(const lint::Report& report);
Json report_json(const lint::Report& report);
std::string rule_text(const lint::Rule& rule);
// The page docs/lint.md.
std::string rules_page();

}  // namespace ktrain
