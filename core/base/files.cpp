// The real file system: whole-file reads, atomic writes, errors that say what to do.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/base/file_error.h"
#include "core/base/world.h"
#include "core/base/write_all.h"

namespace ktrain {
namespace {

// Closes a descriptor at the end of its scope.
struct Descriptor {
    int value;
    ~Descriptor() {
        if (value >= 0) ::close(value);
    }
};

using Pieces = std::span<const std::string_view>;

class RealFiles final : public Files {
public:
    std::string read(const std::string& path, std::uint64_t max_bytes) const override {
        const Descriptor file{open_to_read(path)};
        struct stat status {};
        if (::fstat(file.value, &status) != 0) throw system_error(errno, "read", path);
        if (S_ISDIR(status.st_mode)) throw system_error(EISDIR, "read", path);
        std::string content;
        if (S_ISREG(status.st_mode)) {
            if (static_cast<std::uint64_t>(status.st_size) > max_bytes) too_big(path, max_bytes);
            content.reserve(static_cast<std::size_t>(status.st_size));
        }
        char buffer[65536];
        for (;;) {
            const ssize_t n = ::read(file.value, buffer, sizeof buffer);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw system_error(errno, "read", path);
            if (n == 0) return content;
            content.append(buffer, static_cast<std::size_t>(n));
            if (content.size() > max_bytes) too_big(path, max_bytes);
        }
    }

    std::string read_part(const std::string& path, std::uint64_t offset, std::uint64_t count) const override {
        const Descriptor file{open_to_read(path)};
        const std::uint64_t size = size_of(file.value, path);
        std::string content(offset < size ? std::min(count, size - offset) : 0, '\0');
        std::size_t done = 0;
        while (done < content.size()) {
            const ssize_t n =
                ::pread(file.value, content.data() + done, content.size() - done, static_cast<off_t>(offset + done));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw system_error(errno, "read", path);
            if (n == 0) break;  // it became shorter
            done += static_cast<std::size_t>(n);
        }
        content.resize(done);
        return content;
    }

    std::uint64_t size(const std::string& path) const override {
        const Descriptor file{open_to_read(path)};
        return size_of(file.value, path);
    }

    void write(const std::string& path, std::string_view content, unsigned mode) override {
        put(path, {&content, 1}, mode);
    }

    void write_pieces(const std::string& path, Pieces pieces) override { put(path, pieces, 0644); }

    bool exists(const std::string& path) const override {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0;
    }

    bool is_folder(const std::string& path) const override {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    }

    bool is_file(const std::string& path) const override {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    }

    bool is_plain_file(const std::string& path) const override {
        struct stat status {};
        return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    }

    std::string real_path(const std::string& path) const override {
        std::error_code code;
        const auto resolved = std::filesystem::canonical(path, code);
        return code ? path : resolved.string();
    }

    std::vector<std::string> list(const std::string& folder) const override {
        DIR* handle = ::opendir(folder.c_str());
        if (handle == nullptr) throw system_error(errno, "list", folder);
        std::vector<std::string> names;
        while (const dirent* entry = ::readdir(handle)) {
            const std::string name = entry->d_name;
            if (name != "." && name != "..") names.push_back(name);
        }
        ::closedir(handle);
        std::sort(names.begin(), names.end());
        return names;
    }

    void make_folders(const std::string& path) override {
        std::error_code code;
        std::filesystem::create_directories(path, code);
        if (code) throw system_error(code.value(), "create the folder", path);
    }

    void remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw system_error(errno, "remove", path);
    }

    void rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) throw system_error(errno, "write", to);
    }

private:
    void put(const std::string& path, Pieces pieces, unsigned mode) {
        struct stat status {};
        const bool there = ::stat(path.c_str(), &status) == 0;
        // A device or a pipe is written to; a rename would put a file in its place.
        if (there && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return write_through(path, pieces);
        // The umask is for new files: permissions that the file has already are as its owner wants them.
        const bool kept = there && (status.st_mode & 0777) == mode;
        replace(there ? real_path(path) : path, pieces, kept ? mode : without_umask(mode));  // a link stays one
    }

    // Of a pipe that nobody writes to yet (mkfifo, process substitution), the start is waited for.
    static int open_to_read(const std::string& path) {
        for (;;) {
            const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
            if (descriptor >= 0) return descriptor;
            if (errno != EINTR) throw system_error(errno, "read", path);
        }
    }

    static std::uint64_t size_of(int descriptor, const std::string& path) {
        struct stat status {};
        if (::fstat(descriptor, &status) != 0) throw system_error(errno, "read", path);
        if (S_ISDIR(status.st_mode)) throw system_error(EISDIR, "read", path);
        return static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    }

    static void write_through(const std::string& path, Pieces pieces) {
        const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
        if (file.value < 0) throw system_error(errno, "write", path);
        write_all(file.value, pieces, path);
    }

    static mode_t without_umask(unsigned mode) {
        const mode_t mask = ::umask(0);
        ::umask(mask);
        return mode & ~mask;
    }

    static void replace(const std::string& path, Pieces pieces, mode_t mode) {
        std::string temporary = path + ".XXXXXX";
        const Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
        if (file.value < 0) throw system_error(errno, "write", path);
        try {
            if (::fchmod(file.value, mode) != 0) throw system_error(errno, "write", path);
            write_all(file.value, pieces, path);
            if (::rename(temporary.c_str(), path.c_str()) != 0) throw system_error(errno, "write", path);
        } catch (...) {
            ::unlink(temporary.c_str());
            throw;
        }
    }

    [[noreturn]] static void too_big(const std::string& path, std::uint64_t max_bytes) {
        throw Error(ErrorKind::input, fmt::format("{} is larger than {} MiB", path, max_bytes >> 20), {path, 0, 0, ""},
                    limits::remedy);
    }
};

}  // namespace

std::string Files::read_part(const std::string& path, std::uint64_t offset, std::uint64_t count) const {
    const std::string content = read(path);
    return offset < content.size() ? content.substr(offset, count) : "";
}

std::uint64_t Files::size(const std::string& path) const {
    return read(path).size();
}

void Files::write_pieces(const std::string& path, std::span<const std::string_view> pieces) {
    std::string content;
    for (const std::string_view piece : pieces) content += piece;
    write(path, content);
}

Files& real_files() {
    static RealFiles files;
    return files;
}

}  // namespace ktrain
