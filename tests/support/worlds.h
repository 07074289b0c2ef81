// The outside world in memory: every access is recorded, and the n-th one of a kind can be made to fail.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/term/session.h"
#include "core/base/error.h"

namespace ktrain::test {

// Lines such as "read /a.yaml" or "get HOME", in order.
class Recorder {
public:
    // The n-th access (from 1) that begins with `verb` throws `error`; an empty verb counts all.
    void fail(const std::string& verb, int nth, Error error);
    const std::vector<std::string>& accesses() const { return accesses_; }
    int count(const std::string& verb) const;

protected:
    void access(const std::string& verb, const std::string& what = "") const;

private:
    struct Failure {
        std::string verb;
        int nth;
        Error error;
    };
    std::vector<Failure> failures_;
    mutable std::vector<std::string> accesses_;
};

class MemoryEnv final : public Env, public Recorder {
public:
    std::map<std::string, std::string> values;
    std::optional<std::string> get(const std::string& name) const override;
};

// Stands still except for sleep(), which passes at once.
class MemoryClock final : public Clock, public Recorder {
public:
    std::chrono::system_clock::time_point time = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
    int stop_at_sleep = 0;  // the n-th sleep is cut short by `signal`; 0: none
    int signal = 15;

    std::chrono::system_clock::time_point now() const override { return time; }
    std::chrono::steady_clock::time_point steady() const override;
    bool sleep(std::chrono::milliseconds duration) override;
    int stop_signal() const override;
};

// Behaves as core/base/files.cpp does, with the same kinds of errors.
class MemoryFiles final : public Files, public Recorder {
public:
    std::map<std::string, std::string> contents;  // by path
    std::map<std::string, unsigned> modes;        // of what was written
    std::set<std::string> folders;                // besides those that contain files

    std::string read(const std::string& path, std::uint64_t max_bytes = limits::file) const override;
    void write(const std::string& path, std::string_view content, unsigned mode = 0644) override;
    bool exists(const std::string& path) const override;
    bool is_folder(const std::string& path) const override;
    bool is_file(const std::string& path) const override;
    std::string real_path(const std::string& path) const override { return path; }  // there are no links
    std::vector<std::string> list(const std::string& folder) const override;
    void make_folders(const std::string& path) override;
    void remove(const std::string& path) override;
    void rename(const std::string& from, const std::string& to) override;

private:
    bool holds_something(const std::string& path) const;
};

class MemoryOutput final : public term::Output, public Recorder {
public:
    std::string text;
    bool terminal = false;
    int columns = 80;

    void write(std::string_view more) override;
    void flush() override { access("flush"); }
    bool is_terminal() const override { return terminal; }
    int width() const override { return columns; }
};

class MemoryInput final : public term::Input, public Recorder {
public:
    std::string text;
    bool terminal = false;

    std::string read_all(std::uint64_t max_bytes = limits::file) override;
    bool is_terminal() const override { return terminal; }
};

// Everything that a subcommand touches. `session` refers to the members.
struct World {
    MemoryOutput out;
    MemoryOutput err;
    MemoryInput in;
    MemoryEnv env;
    MemoryClock clock;
    MemoryFiles files;
    term::Session session{out, err, in, env, clock, files};
};

}  // namespace ktrain::test
