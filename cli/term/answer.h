// What the person at the terminal types.
#pragma once

#include <string>

namespace ktrain::term {

// The next line of standard input without its end; what there is of it at the end of the input and when a signal comes.
std::string read_answer();

}  // namespace ktrain::term
