// Making and removing a folder of one's own.
#include "trainer/recipe/scratch.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/remove_folder.h"

namespace ktrain::trainer {

ScratchFolder::ScratchFolder() {
    std::error_code none;
    const std::string parent = std::filesystem::temp_directory_path(none).string();
    path_ = (parent.empty() ? "/tmp" : parent) + "/ktrain-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr)
        throw Error(ErrorKind::failed,
                    fmt::format("cannot make a folder for tokens in {}: {}", parent, std::strerror(errno)),
                    {parent, 0, 0, ""}, "set TMPDIR to a folder with room");
}

ScratchFolder::~ScratchFolder() {
    remove_folder(path_);
}

}  // namespace ktrain::trainer
