// A folder for what a command needs only while it runs.
#pragma once

#include <string>

namespace ktrain::trainer {

// In $TMPDIR, or /tmp; removed with all that is in it at the end. Errors: Error{failed} when it cannot be made.
class ScratchFolder {
public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace ktrain::trainer
