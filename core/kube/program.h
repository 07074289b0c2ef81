// Runs another program without a shell and reads what it prints; for exec credential plugins.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
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
    int exit_code = 0;                                   // 128 + the signal when one ended it
    std::string output;                                  // its standard output, at most 1 MiB
    bool missing = false;                                // there is no such program
    std::optional<std::chrono::milliseconds> late = {};  // the limit within which it did not end; it was made to
};

// A function, so that tests can stand in for the program.
using RunProgram = std::function<ProgramResult(const ProgramCall&)>;

// How long a credential plugin may take. Logging in with a browser takes a person a while.
inline constexpr std::chrono::milliseconds plugin_limit{60'000};
inline constexpr std::chrono::milliseconds plugin_limit_at_terminal{300'000};

// The real one: standard error passes through. When `limit` is over or the process is asked to stop, the program and
// what it started get SIGTERM, and SIGKILL a second later. Errors: Error{failed} when the system refuses to start it or
// it prints too much.
RunProgram program_runner(Clock& clock, std::chrono::milliseconds limit);

}  // namespace ktrain::kube
