// Construction of errors and the exit code of each kind.
#include "core/base/error.h"

#include "core/base/exit_code.h"

namespace ktrain {

Error::Error(ErrorKind kind_in, std::string message_in, Place where_in, std::string hint_in)
    : kind(kind_in), message(std::move(message_in)), where(std::move(where_in)), hint(std::move(hint_in)) {}

int exit_code_for(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
        case ErrorKind::input: return exit_code::invalid;
        case ErrorKind::unreachable:
        case ErrorKind::timed_out: return exit_code::try_again;
        case ErrorKind::not_found:
        case ErrorKind::denied:
        case ErrorKind::conflict:
        case ErrorKind::failed:
        case ErrorKind::bug: return exit_code::failed;
    }
    return exit_code::failed;
}

}  // namespace ktrain
