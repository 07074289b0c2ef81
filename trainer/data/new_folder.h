// A folder that appears whole or not at all.
#pragma once

#include <string>

namespace ktrain::trainer {

class NewFolder {
public:
    // `path` may end in slashes. What a killed program left of it is removed. Errors: Error{input} where it is there
    // already; Error{conflict} while another program makes it; those of Files.
    explicit NewFolder(const std::string& path);
    // Removes what is not finished.
    ~NewFolder();
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;

    // Where its files are written, and what it will be called.
    const std::string& path() const { return temporary_; }
    const std::string& target() const { return target_; }
    // Gives it its name. Errors: those of Files::rename.
    void finish();

private:
    std::string target_, temporary_;
    int lock_ = -1;
};

}  // namespace ktrain::trainer
