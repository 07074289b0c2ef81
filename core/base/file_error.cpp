// The kinds and remedies of errno.
#include "core/base/file_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace ktrain {

Error system_error(int code, std::string_view doing, const std::string& path, std::string_view when_full) {
    const std::string message = fmt::format("cannot {} {}: {}", doing, path, std::strerror(code));
    const Place where{path, 0, 0, ""};
    switch (code) {
        case ENOENT:
        case ENOTDIR:
            return {ErrorKind::input, message, where, "check the path"};
        case EACCES:
        case EPERM:
        case EROFS:
            return {ErrorKind::denied, message, where, "check the permissions of the file and its folder"};
        case ENOSPC:
        case EDQUOT:
            return {ErrorKind::failed, message, where, std::string(when_full)};
        case ENAMETOOLONG:
        case EISDIR:
        case ELOOP:
            return {ErrorKind::input, message, where};
        default:
            return {ErrorKind::failed, message, where};
    }
}

void refuse(const std::string& file, std::string message, std::string hint) {
    refuse(Place{file, 0, 0, ""}, std::move(message), std::move(hint));
}

void refuse(const Place& where, std::string message, std::string hint) {
    throw Error(ErrorKind::input, std::move(message), where, std::move(hint));
}

void refuse_field(std::string field, std::string message, std::string hint) {
    refuse(Place{"", 0, 0, std::move(field)}, std::move(message), std::move(hint));
}

}  // namespace ktrain
