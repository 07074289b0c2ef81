// The one exception of the program: what went wrong, where, and what to do about it.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "core/base/place.h"

namespace ktrain {

// What kind of trouble it is; core/base/exit_code.h maps each kind to the exit code of the process.
enum class ErrorKind {
    usage,        // the command line is wrong
    input,        // a file or a value given by the user is wrong: retrying cannot help
    not_found,    // the thing asked for does not exist
    denied,       // the server or the operating system refuses this user
    conflict,     // it exists already, or somebody else owns it
    unreachable,  // no connection, or the connection was lost
    timed_out,    // waited as long as allowed
    failed,       // it was tried and it failed: disk full, server error, training error
    bug,          // cannot happen; please report
};

// The name of a kind in JSON, such as "not_found", and the kind of a name; `failed` for a name that is none.
std::string_view name_of(ErrorKind kind);
ErrorKind error_kind(std::string_view name);

// Thrown by every layer, caught in cli/main.cpp only (and at the trainer module's border).
// `message` is one lower-case sentence without a full stop; `hint` is one remedy that can be pasted, or empty.
struct Error : std::exception {
    ErrorKind kind;
    std::string message;
    Place where;
    std::string hint;
    // It is not about the one thing that was asked for: asking for another would end the same way.
    bool general = false;

    Error(ErrorKind kind_in, std::string message_in, Place where_in = {}, std::string hint_in = {});
    const char* what() const noexcept override { return message.c_str(); }
};

}  // namespace ktrain
