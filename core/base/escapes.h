// Text of others that goes to a terminal line by line, such as logs: without what would command the terminal.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

// Whether a line has any control character or sequence but tabs and returns.
bool has_escapes(std::string_view line);

// The line without control sequences (ECMA-48: titles, clipboards, links, moves of the cursor) and other control
// characters. Tabs stay, as do returns, by which progress bars draw themselves anew, and, with `colors`, colours.
std::string without_escapes(std::string_view line, bool colors);

}  // namespace ktrain
