// Appending with system calls, so that nothing waits in a buffer.
#include "trainer/report/appended_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/file_error.h"

namespace ktrain::trainer {
namespace {

Error not_written(int code, const std::string& path) {
    return system_error(code, "write", path, "free some space and run again: it resumes from the newest checkpoint");
}

}  // namespace

AppendedFile::AppendedFile(std::string path) : path_(std::move(path)) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file_ < 0) throw not_written(errno, path_);
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
            throw not_written(code, path_);
        }
        done += static_cast<std::size_t>(n);
    }
    size_ += static_cast<std::int64_t>(bytes.size());
}

}  // namespace ktrain::trainer
