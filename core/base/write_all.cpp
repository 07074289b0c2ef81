// Writing by blocks of aligned memory (O_DIRECT) as far as that goes, by plain writes from there on.
#include "core/base/write_all.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/base/file_error.h"

namespace ktrain {
namespace {

constexpr std::size_t alignment = 4096;              // of memory and offsets: enough for every disk
constexpr std::size_t block = std::size_t{8} << 20;  // one request: a disk is at its full speed
constexpr std::size_t large = 2 * block;             // smaller files are read again soon, or cost little

// The number of bytes written; 0 for a signal that came first.
std::size_t write_some(int descriptor, std::string_view bytes, const std::string& path) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) return 0;
    if (n < 0) throw system_error(errno, "write", path);
    return static_cast<std::size_t>(n);
}

void write_plainly(int descriptor, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) bytes.remove_prefix(write_some(descriptor, bytes, path));
}

bool is_large_file(int descriptor, std::span<const std::string_view> pieces) {
    std::size_t size = 0;
    for (const std::string_view piece : pieces) size += piece.size();
    struct stat status {};
    return size >= large && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// Collects what is written into aligned blocks.
class DirectWriter {
public:
    DirectWriter(int descriptor, const std::string& path)
        : descriptor_(descriptor), path_(path), buffer_(static_cast<char*>(std::aligned_alloc(alignment, block))) {
        direct_ = buffer_ != nullptr && set(true);
    }
    ~DirectWriter() {
        if (direct_) set(false);
        std::free(buffer_);
    }
    DirectWriter(const DirectWriter&) = delete;
    DirectWriter& operator=(const DirectWriter&) = delete;

    void add(std::string_view bytes) {
        while (direct_ && !bytes.empty()) {
            const std::size_t n = std::min(bytes.size(), block - filled_);
            std::memcpy(buffer_ + filled_, bytes.data(), n);
            filled_ += n;
            bytes.remove_prefix(n);
            if (filled_ == block) flush();
        }
        write_plainly(descriptor_, bytes, path_);
    }

    // The last part of a file is no whole block.
    void end() {
        if (!direct_) return;
        set(false);
        direct_ = false;
        write_plainly(descriptor_, {buffer_, filled_}, path_);
    }

private:
    bool set(bool on) {
        const int flags = ::fcntl(descriptor_, F_GETFL);
        return flags >= 0 && ::fcntl(descriptor_, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
    }

    // Goes on plainly where the file system refuses, or has taken part of an aligned block.
    void flush() {
        std::string_view left{buffer_, std::exchange(filled_, 0)};
        while (direct_ && !left.empty()) {
            const ssize_t n = ::write(descriptor_, left.data(), left.size());
            if (n < 0 && errno != EINTR && errno != EINVAL) throw system_error(errno, "write", path_);
            if (n > 0) left.remove_prefix(static_cast<std::size_t>(n));
            const bool refused = (n < 0 && errno == EINVAL) || left.size() % alignment != 0;
            if (refused) {
                set(false);
                direct_ = false;
            }
        }
        write_plainly(descriptor_, left, path_);
    }

    int descriptor_;
    const std::string& path_;
    char* buffer_;
    std::size_t filled_ = 0;
    bool direct_ = false;
};

}  // namespace

void write_all(int descriptor, std::span<const std::string_view> pieces, const std::string& path) {
    if (is_large_file(descriptor, pieces)) {
        DirectWriter writer(descriptor, path);
        for (const std::string_view piece : pieces) writer.add(piece);
        writer.end();
    } else {
        for (const std::string_view piece : pieces) write_plainly(descriptor, piece, path);
    }
    if (::fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS) throw system_error(errno, "write", path);
}

}  // namespace ktrain
