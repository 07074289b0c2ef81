// How `ktrain validate` shows findings, its summary and its rules.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/validate_formats.h"
#include "cli/term/output.h"
#include "core/lint/lint.h"

namespace ktrain {

// "file:line:column: error KT014 message", the fix, on a terminal the line with a caret, and a summary line;
// written some at a time, as all may be longer than the files.
void text_report(const Shown& shown, term::Output& out);
// "3 files, 7 objects: 2 errors, 1 warning; structure not checked: DaemonSet (2)".
std::string summary_text(const lint::Report& report);
// With an empty list of findings.
Json report_json(const lint::Report& report);
std::string rule_text(const lint::Rule& rule);
// The page docs/lint.md.
std::string rules_page();

}  // namespace ktrain
