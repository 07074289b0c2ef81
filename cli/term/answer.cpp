// What the person at the terminal types.
#include "cli/term/answer.h"

#include <unistd.h>

namespace ktrain::term {

std::string read_answer() {
    constexpr std::size_t longest = 4096;  // a terminal hands over no more in one line
    std::string line;
    for (char c = 0; line.size() < longest && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

}  // namespace ktrain::term
