// Keeps two runs from writing to one output folder at once.
#pragma once

#include <string>

namespace ktrain::trainer {

class OutputLock {
public:
    // The call that takes the lock, as flock(2).
    using Take = int (*)(int file, int operation);

    // Makes `folder` if need be and takes its lock, the file .ktrain.lock, until destroyed. The system gives it back
    // when the process ends in any way; the file stays and means nothing, but a folder that was made and got nothing
    // goes with it. A file system without locks is used without.
    // Errors: Error{conflict} when another run holds it, naming that run; those of Files for the folder; Error{denied}
    // or Error{failed} when the file cannot be made.
    explicit OutputLock(const std::string& folder);
    OutputLock(const std::string& folder, Take take);
    ~OutputLock();
    OutputLock(const OutputLock&) = delete;
    OutputLock& operator=(const OutputLock&) = delete;

private:
    std::string folder_;
    bool made_ = false;  // the folder was not there
    int file_ = -1;
};

}  // namespace ktrain::trainer
