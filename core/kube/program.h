// Runs another program without a shell and reads what it prints; for exec credential plugins.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/world.h"

namespace ktrain::kube {

struct ProgramCall {
    std::string command;  // looked for on PATH unless it contains a '/'
    std::vector<std::string> args;
    std::vector<std::pair<std::string, std::string>> env;  // added to this process's environment
    bool give_input = false;                               // else its standard input is empty
};

struct ProgramResult {
    int exit_code = 0;     // 128 + the signal when one ended it
    std::string output;    // its standard output, at most 1 MiB
    bool missing = false;  // there is no such program
};

// A function, so that tests can stand in for the program.
using RunProgram = std::function<ProgramResult(const ProgramCall&)>;

// The real one: standard error passes through. It is ended with SIGTERM when the process is asked to stop.
// Errors: Error{failed} when the system refuses to start it or it prints too much.
RunProgram program_runner(Clock& clock);

}  // namespace ktrain::kube
