// Construction of errors, the name of each kind, and the exit codes of kinds and signals.
#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "core/base/exit_code.h"

namespace ktrain {
namespace {

using Row = std::pair<std::string_view, ErrorKind>;
constexpr std::array<Row, 9> names{{{"bug", ErrorKind::bug},
                                    {"conflict", ErrorKind::conflict},
                                    {"denied", ErrorKind::denied},
                                    {"failed", ErrorKind::failed},
                                    {"input", ErrorKind::input},
                                    {"not_found", ErrorKind::not_found},
                                    {"timed_out", ErrorKind::timed_out},
                                    {"unreachable", ErrorKind::unreachable},
                                    {"usage", ErrorKind::usage}}};
static_assert(std::ranges::is_sorted(names, {}, &Row::first));

}  // namespace

Error::Error(ErrorKind kind_in, std::string message_in, Place where_in, std::string hint_in)
    : kind(kind_in), message(std::move(message_in)), where(std::move(where_in)), hint(std::move(hint_in)) {}

std::string_view name_of(ErrorKind kind) {
    return std::ranges::find(names, kind, &Row::second)->first;
}

ErrorKind error_kind(std::string_view name) {
    const auto row = std::ranges::find(names, name, &Row::first);
    return row == names.end() ? ErrorKind::failed : row->second;
}

int exit_code_for(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
        case ErrorKind::input:
            return exit_code::invalid;
        case ErrorKind::unreachable:
        case ErrorKind::timed_out:
            return exit_code::try_again;
        case ErrorKind::not_found:
        case ErrorKind::denied:
        case ErrorKind::conflict:
        case ErrorKind::failed:
        case ErrorKind::bug:
            return exit_code::failed;
    }
    return exit_code::failed;
}

int exit_code_for_signal(int signal) {
    return signal == SIGINT ? exit_code::interrupted : exit_code::terminated;
}

}  // namespace ktrain
