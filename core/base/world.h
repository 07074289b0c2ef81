// The outside world behind small interfaces, so that a test can record every access and make the n-th one fail.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/limits.h"

namespace ktrain {

// Environment variables of the process.
class Env {
public:
    virtual ~Env() = default;
    virtual std::optional<std::string> get(const std::string& name) const = 0;
};

// Wall clock and sleeping.
class Clock {
public:
    virtual ~Clock() = default;
    virtual std::chrono::system_clock::time_point now() const = 0;
    virtual std::chrono::steady_clock::time_point steady() const = 0;
    // Returns early (false) when the process was asked to stop.
    virtual bool sleep(std::chrono::milliseconds duration) = 0;
    // The signal that asked the process to stop, or 0.
    virtual int stop_signal() const = 0;
};

// Files by path. All errors are Error with the path, the reason of the system and a remedy:
// denied, input (absent, a folder, too big), failed (disk full, I/O). Questions about a path have no errors.
class Files {
public:
    virtual ~Files() = default;
    // A pipe is waited for until its writer closes it.
    virtual std::string read(const std::string& path, std::uint64_t max_bytes = limits::file) const = 0;
    // The bytes from `offset` on, `count` of them or up to the end: of a large file, only what is asked for.
    virtual std::string read_part(const std::string& path, std::uint64_t offset, std::uint64_t count) const;
    virtual std::uint64_t size(const std::string& path) const;  // in bytes
    // Appears whole or not at all: written to a temporary beside it, synced, renamed. Links are followed; a device or
    // a pipe is written to. Creates no folders. `mode` is that of a file that is there, or is subject to the umask.
    virtual void write(const std::string& path, std::string_view content, unsigned mode = 0644) = 0;
    // The same from pieces that lie apart in memory, one behind the other.
    virtual void write_pieces(const std::string& path, std::span<const std::string_view> pieces);
    virtual bool exists(const std::string& path) const = 0;
    virtual bool is_folder(const std::string& path) const = 0;
    virtual bool is_file(const std::string& path) const = 0;                             // no folder, device or pipe
    virtual bool is_plain_file(const std::string& path) const { return is_file(path); }  // nor a link to one
    // The path without links, "." and "..": the same for the same file. As given where there is none, as of a pipe.
    virtual std::string real_path(const std::string& path) const = 0;
    virtual std::vector<std::string> list(const std::string& folder) const = 0;  // names, sorted
    virtual void make_folders(const std::string& path) = 0;
    virtual void remove(const std::string& path) = 0;                         // no error when absent
    virtual void rename(const std::string& from, const std::string& to) = 0;  // in place of a file that is there
};

// The real world: this process's environment, clock and file system. They live as long as the process.
const Env& real_env();
Clock& real_clock();
Files& real_files();

// Makes SIGINT, SIGTERM (and SIGHUP) set real_clock().stop_signal() instead of ending the process; a second SIGINT
// ends it at once. A signal that was ignored at the start (nohup) stays so. SIGPIPE is ignored.
void catch_stop_signals();

}  // namespace ktrain
