// What the program is told about an exception at the module's border.
#pragma once

namespace ktrain::trainer {

struct Failure {
    int code;          // exit code of the process
    const char* text;  // JSON {"kind", "message", "where", "hint"}; give it back to release_text
};

// Of the exception that is being handled: call it in a catch block. It needs no memory when there is none left; then,
// and for libtorch's failed allocations, it says so. Of libtorch's other errors the first line is told, without the
// C++ stack trace.
Failure current_failure() noexcept;

// A copy that lives until release_text; nullptr when there is no memory left.
const char* copy_text(const char* text) noexcept;
void release_text(const char* text) noexcept;

}  // namespace ktrain::trainer
