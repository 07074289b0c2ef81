// Advisory locking by flock: on NFS it holds between machines, because the file is open for writing.
#include "trainer/state/output_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/world.h"

namespace ktrain::trainer {
namespace {

constexpr std::string_view lock_name = ".ktrain.lock";

// Whether the folder holds that file and nothing else.
bool is_all(const std::string& folder, std::string_view name) {
    std::error_code code;
    std::filesystem::directory_iterator entries(folder, code), end;
    return !code && entries != end && entries->path().filename() == name && std::next(entries) == end;
}

// "process 4711 on node-a", written by the run that has the lock.
void sign(int file) {
    utsname system{};
    ::uname(&system);
    const std::string text = fmt::format("process {} on {}\n", ::getpid(), system.nodename);
    // Only for the message below: a full disk is no reason to fail here.
    if (::ftruncate(file, 0) == 0 && ::pwrite(file, text.data(), text.size(), 0) < 0) return;
}

std::string signature(int file) {
    std::array<char, 256> buffer{};
    const ssize_t size = ::pread(file, buffer.data(), buffer.size(), 0);
    const std::string text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return printable(trim(text));
}

[[noreturn]] void in_use(const std::string& folder, const std::string& holder) {
    // A conflict, not invalid input: the other one may be a pod that is just being replaced, so retrying helps.
    throw Error(ErrorKind::conflict,
                fmt::format("another run is writing to {}{}", folder, holder.empty() ? "" : ": " + holder),
                {"", 0, 0, "output_dir"}, "use another output_dir, or wait for the end of that run");
}

}  // namespace

OutputLock::OutputLock(const std::string& folder) : OutputLock(folder, ::flock) {}

OutputLock::OutputLock(const std::string& folder, Take take) : folder_(folder), made_(!real_files().exists(folder)) {
    real_files().make_folders(folder);
    const std::string path = fmt::format("{}/{}", folder, lock_name);
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0)
        throw Error(errno == EACCES || errno == EROFS ? ErrorKind::denied : ErrorKind::failed,
                    fmt::format("cannot write {}: {}", path, std::strerror(errno)), {path, 0, 0, ""},
                    "check the permissions and the free space of output_dir");
    int code = 0;
    while ((code = take(file_, LOCK_EX | LOCK_NB)) != 0 && errno == EINTR) {
    }
    if (code == 0) sign(file_);
    if (code == 0 || errno != EWOULDBLOCK) return;  // any other error: this file system has no locks
    const std::string holder = signature(file_);
    ::close(file_);
    in_use(folder, holder);
}

OutputLock::~OutputLock() {
    // A cache without tokens is nothing, too. What is not empty cannot be removed this way.
    ::rmdir((folder_ + "/cache").c_str());
    if (made_ && is_all(folder_, lock_name)) {
        ::unlink(fmt::format("{}/{}", folder_, lock_name).c_str());
        ::rmdir(folder_.c_str());
    }
    ::close(file_);
}

}  // namespace ktrain::trainer
