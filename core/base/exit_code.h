// The exit codes of the process: an interface that CI and podFailurePolicy read (docs/exit-codes.md).
#pragma once

#include <array>
#include <string_view>

#include "core/base/error.h"

namespace ktrain {

namespace exit_code {
inline constexpr int done = 0;
inline constexpr int failed = 1;
inline constexpr int invalid = 2;    // usage or invalid input: do not retry
inline constexpr int no = 3;         // the answer is no: findings, does not fit, job failed
inline constexpr int try_again = 4;  // timed out or unreachable
inline constexpr int interrupted = 130;
inline constexpr int reader_gone = 141;  // as of a program that SIGPIPE ends
inline constexpr int terminated = 143;
inline constexpr int retryable = 138;  // `run` only: peer lost, collective aborted, device error
}  // namespace exit_code

struct ExitCodeRow {
    int code;
    std::string_view name;
    std::string_view meaning;
};

// Every code the program can end with, ascending.
inline constexpr std::array<ExitCodeRow, 9> exit_codes{{
    {0, "done", "it was done, or it was so already"},
    {1, "failed", "it was tried and failed: refused by the server, I/O error, training error"},
    {2, "invalid", "wrong usage or invalid input; do not retry"},
    {3, "no", "the answer is no: findings, does not fit, the job failed"},
    {4, "try-again", "timed out or unreachable; retrying may help"},
    {130, "interrupted", "SIGINT"},
    {138, "retryable", "`run` only: peer lost, collective aborted or device error"},
    {141, "reader-gone", "who read the output has closed it, as `head` does: SIGPIPE"},
    {143, "terminated", "SIGTERM or SIGHUP; `run` writes a checkpoint first"},
}};

int exit_code_for(ErrorKind kind);

// The code of a process that this signal asked to stop. SIGHUP counts as SIGTERM: nobody at a keyboard chose to stop.
int exit_code_for_signal(int signal);

}  // namespace ktrain
