// Text, tables and data in HTML that mean nothing but themselves, whatever is in them.
#pragma once

#include <string>
#include <string_view>

#include "cli/term/output.h"

namespace ktrain::term {

// For text between tags and for values in double quotes; control characters are replaced.
std::string html_text(std::string_view text);

// The rows of a table's body, one on a line; `before_first`, already HTML, stands in the first cell of a row if it is
// given, by row.
std::string html_rows(const Table& table, const std::vector<std::string>& before_first = {});
// The whole table with its headers.
std::string html_table(const Table& table);

// Compact JSON for a script element of type application/json: no "<" in it can end the element.
std::string html_json(const Json& value);

}  // namespace ktrain::term
