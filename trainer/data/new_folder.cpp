// Making of folders under a temporary name.
#include "trainer/data/new_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/file_error.h"
#include "core/base/remove_folder.h"
#include "core/base/world.h"

namespace ktrain::trainer {
namespace {

// Tells our unfinished folders from those of others, which nobody but them may remove.
constexpr const char* mark = "/.ktrain.partial";

// The lock of the unfinished folder, which the system gives back when this process ends in any way; -1 where it has no
// mark. Errors: Error{conflict} while another program writes it.
int lock(const std::string& folder, int flags) {
    const int file = ::open((folder + mark).c_str(), flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0 && errno == ENOENT) return -1;
    if (file < 0) throw system_error(errno, "write", folder + mark);
    if (::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return file;  // or a file system without locks
    ::close(file);
    throw Error(ErrorKind::conflict, "another program is writing " + folder, {folder, 0, 0, ""},
                "wait for its end, or name another folder");
}

}  // namespace

NewFolder::NewFolder(const std::string& path)
    : target_(path.substr(0, std::max<std::size_t>(path.find_last_not_of('/') + 1, 1))),
      temporary_(target_ + ".partial") {
    if (real_files().exists(target_)) refuse(target_, target_ + " is there already", "name a folder that is not");
    if (real_files().exists(temporary_)) {
        lock_ = lock(temporary_, 0);
        if (lock_ < 0)
            refuse(temporary_, temporary_ + " is there already, and not made by ktrain",
                   "remove it, or name another folder");
        remove_folder(temporary_);  // a program that was killed left it
        ::close(lock_);
    }
    real_files().make_folders(temporary_);
    lock_ = lock(temporary_, O_CREAT);
}

NewFolder::~NewFolder() {
    if (!temporary_.empty()) remove_folder(temporary_);
    if (lock_ >= 0) ::close(lock_);
}

void NewFolder::finish() {
    ::unlink((temporary_ + mark).c_str());
    real_files().rename(temporary_, target_);
    temporary_.clear();
}

}  // namespace ktrain::trainer
