// Errors about files: what the operating system refuses to do with one, and what one holds that is of no use.
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

// Throws Error{input} about the file or folder as a whole.
[[noreturn]] void refuse(const std::string& file, std::string message, std::string hint);

}  // namespace ktrain
