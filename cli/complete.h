// What the shell may offer for an unfinished command line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace ktrain {

struct Candidate {
    std::string value;
    std::string help;
};

struct Completion {
    std::vector<Candidate> candidates;  // those that start with the unfinished word
    bool files = false;                 // the shell adds file names
    bool folders = false;               // the shell adds folder names
};

// `words` are those behind the program's name; the last one is unfinished and may be empty. Never throws: a server
// that cannot be asked offers nothing.
Completion complete(term::Session& session, std::span<const std::string> words);

}  // namespace ktrain
