// A file that grows by whole pieces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ktrain::trainer {

class AppendedFile {
public:
    // Opens or creates it; its folder must be there. Errors, here and below: Error{denied} or Error{failed} with the
    // path and the reason of the system.
    explicit AppendedFile(std::string path);
    ~AppendedFile();  // the content is on the disk then
    AppendedFile(const AppendedFile&) = delete;
    AppendedFile& operator=(const AppendedFile&) = delete;

    // The bytes are there for readers when this returns; when the disk is full, none of them.
    void append(std::string_view bytes);

    std::int64_t size() const { return size_; }

private:
    std::string path_;
    int file_ = -1;
    std::int64_t size_ = 0;
};

}  // namespace ktrain::trainer
