// Words of a command line for somebody to paste into a shell.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

// The word as a POSIX shell reads it: as it is where nothing in it means anything to a shell, else in quotes.
std::string shell_word(std::string_view text);

}  // namespace ktrain
