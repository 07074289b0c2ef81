// Making of folders under a temporary name.
#include "trainer/data/new_folder.h"

#include <algorithm>

#include "core/base/file_error.h"
#include "core/base/remove_folder.h"
#include "core/base/world.h"

namespace ktrain::trainer {

NewFolder::NewFolder(const std::string& path)
    : target_(path.substr(0, std::max<std::size_t>(path.find_last_not_of('/') + 1, 1))),
      temporary_(target_ + ".partial") {
    if (real_files().exists(target_)) refuse(target_, target_ + " is there already", "name a folder that is not");
    if (real_files().exists(temporary_))
        refuse(temporary_, temporary_ + " is there already, perhaps left by a program that was killed",
               "remove it, or name another folder");
    real_files().make_folders(temporary_);
}

NewFolder::~NewFolder() {
    if (!temporary_.empty()) remove_folder(temporary_);
}

void NewFolder::finish() {
    real_files().rename(temporary_, target_);
    temporary_.clear();
}

}  // namespace ktrain::trainer
