// The content of a file as memory: mapped, so that a data set may be larger than the memory.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::trainer {

// Read-only. A file that others shorten while it is mapped ends the process, as with every mapping.
class MappedFile {
public:
    // Errors: Error{input} when absent or no regular file, Error{denied}, Error{failed}; each with the path.
    explicit MappedFile(const std::string& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::string_view content() const { return {data_, size_}; }
    const std::string& path() const { return path_; }

    // Lets go of the memory that the parts of the content in `part` take; it is read from the file again when it is
    // used.
    void release(std::string_view part) const;

private:
    std::string path_;
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace ktrain::trainer
