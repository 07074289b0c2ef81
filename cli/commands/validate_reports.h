// Findings in the formats of other programs: SARIF, JUnit, GitHub's workflow commands, TAP.
#pragma once

#include <string>

#include "cli/commands/validate_formats.h"

namespace ktrain {

// SARIF 2.1.0 (OASIS): one run, with the rules that found something, regions in code points and fixes as replacements.
std::string sarif_report(const Shown& shown);
// JUnit's XML as Jenkins and GitLab read it: a suite per file, a test case per finding; a file without one passes.
std::string junit_report(const Shown& shown);
// "::error file=a.yaml,line=2,col=3::message" for GitHub Actions.
std::string github_report(const Shown& shown);
// TAP 13: a line per file, its findings in a YAML block below.
std::string tap_report(const Shown& shown);

}  // namespace ktrain
