// Text and tables in GitHub's Markdown, for pull requests.
#pragma once

#include <string>
#include <string_view>

#include "cli/term/output.h"

namespace ktrain::term {

// Text on one line that means nothing but itself: control characters are replaced, and what Markdown or HTML would
// take for markup, a mention or a formula is escaped.
std::string markdown_text(std::string_view text);

// A table with its alignments. Ends with a newline.
std::string markdown_table(const Table& table);

}  // namespace ktrain::term
