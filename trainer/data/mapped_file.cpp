// Mapping by mmap.
#include "trainer/data/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

[[noreturn]] void fail(int code, const std::string& path) {
    const bool absent = code == ENOENT || code == ENOTDIR, denied = code == EACCES || code == EPERM;
    throw Error(absent   ? ErrorKind::input
                : denied ? ErrorKind::denied
                         : ErrorKind::failed,
                fmt::format("cannot read {}: {}", path, std::strerror(code)), {path, 0, 0, ""},
                absent   ? "check the path"
                : denied ? "check the permissions of the file and its folder"
                         : "");
}

}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // opening a pipe must not wait
    if (file < 0) fail(errno, path);
    struct stat status {};
    int code = ::fstat(file, &status) == 0 ? 0 : errno;
    const bool regular = code == 0 && S_ISREG(status.st_mode);
    if (regular && status.st_size > 0) {
        size_ = static_cast<std::size_t>(status.st_size);
        void* const memory = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
        if (memory == MAP_FAILED)
            code = errno;
        else
            data_ = static_cast<const char*>(memory);
    }
    ::close(file);
    if (code != 0) fail(code, path);
    if (!regular)
        throw Error(ErrorKind::input, path + " is no regular file", {path, 0, 0, ""}, "data is read from files only");
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

void MappedFile::release(std::string_view part) const {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = (reinterpret_cast<std::uintptr_t>(part.data()) + page - 1) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) / page * page;
    if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace ktrain::trainer
