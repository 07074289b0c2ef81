// Errors about what is given: what the operating system refuses to do with a file, and what a file or a field of the
// spec holds that is of no use.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace ktrain {

// "cannot <doing> <path>: <the system's words>" for a value of errno. The kind says whether retrying can help: input
// for what is not there, denied, failed for the rest. The hint is the remedy; `when_full`: that of a disk without
// space.
Error system_error(int code, std::string_view doing, const std::string& path,
                   std::string_view when_full = "free some space, or write to another place");

// Throw Error{input}: about the file or folder as a whole, a place in one, or a field of the spec by its path.
[[noreturn]] void refuse(const std::string& file, std::string message, std::string hint);
[[noreturn]] void refuse(const Place& where, std::string message, std::string hint);
[[noreturn]] void refuse_field(std::string field, std::string message, std::string hint);

}  // namespace ktrain
