// A log as a person reads it, out of the bytes that a program wrote for a terminal or for a collector.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::advice {

// Without what would command a terminal and what a progress bar has drawn over; tabs are blanks. Behind a line that is
// JSON and holds a traceback in one of its texts, the lines of that.
std::string readable_log(std::string_view text);

}  // namespace ktrain::advice
