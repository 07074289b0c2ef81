// Appending with system calls, so that nothing waits in a buffer.
#include "trainer/report/appended_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

[[noreturn]] void fail(const std::string& path) {
    const bool full = errno == ENOSPC || errno == EDQUOT;
    const bool denied = errno == EACCES || errno == EPERM || errno == EROFS;
    throw Error(denied ? ErrorKind::denied : ErrorKind::failed,
                fmt::format("cannot write {}: {}", path, std::strerror(errno)), {path, 0, 0, ""},
                full ? "free some space and run again: it resumes from the newest checkpoint"
                     : "check the permissions of the output folder");
}

}  // namespace

AppendedFile::AppendedFile(std::string path) : path_(std::move(path)) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file_ < 0) fail(path_);
    struct stat status {};
    if (::fstat(file_, &status) == 0) size_ = status.st_size;
}

AppendedFile::~AppendedFile() {
    ::fsync(file_);
    ::close(file_);
}

void AppendedFile::append(std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::write(file_, bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int code = errno;
            if (::ftruncate(file_, size_) != 0) size_ += static_cast<std::int64_t>(done);  // a partial piece stays
            errno = code;
            fail(path_);
        }
        done += static_cast<std::size_t>(n);
    }
    size_ += static_cast<std::int64_t>(bytes.size());
}

}  // namespace ktrain::trainer
