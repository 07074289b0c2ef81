// Findings in the formats of other programs: SARIF, JUnit, GitHub's workflow commands, TAP. Written some at a time,
// as all may be longer than the files.
#pragma once

#include "cli/commands/validate_formats.h"

namespace ktrain {

// SARIF 2.1.0 (OASIS): one run, with the rules that found something, regions in code points and fixes as replacements.
void sarif_report(const Shown& shown, term::Output& out);
// JUnit's XML as Jenkins and GitLab read it: a suite per file, a test case per finding; a file without one passes.
void junit_report(const Shown& shown, term::Output& out);
// "::error file=a.yaml,line=2,col=3::message" for GitHub Actions.
void github_report(const Shown& shown, term::Output& out);
// TAP 13: a line per file, its findings in a YAML block below.
void tap_report(const Shown& shown, term::Output& out);

}  // namespace ktrain
