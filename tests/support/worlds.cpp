// The outside world in memory.
#include "tests/support/worlds.h"

#include <algorithm>

namespace ktrain::test {
namespace {

[[noreturn]] void missing(const std::string& path) {
    throw Error(ErrorKind::input, "cannot read " + path + ": No such file or directory", {path, 0, 0, ""},
                "check the path");
}

// What the paths begin with of all that lies in the folder.
std::string inside_of(const std::string& folder) {
    return folder.ends_with('/') ? folder : folder + "/";
}

}  // namespace

void Recorder::fail(const std::string& verb, int nth, Error error) {
    failures_.push_back({verb, nth, std::move(error)});
}

int Recorder::count(const std::string& verb) const {
    return static_cast<int>(std::count_if(accesses_.begin(), accesses_.end(),
                                          [&](const std::string& line) { return line.starts_with(verb); }));
}

void Recorder::access(const std::string& verb, const std::string& what) const {
    accesses_.push_back(what.empty() ? verb : verb + " " + what);
    for (const Failure& failure : failures_)
        if (verb.starts_with(failure.verb) && count(failure.verb) == failure.nth) throw failure.error;
}

std::optional<std::string> MemoryEnv::get(const std::string& name) const {
    access("get", name);
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::chrono::steady_clock::time_point MemoryClock::steady() const {
    return std::chrono::steady_clock::time_point(time.time_since_epoch());
}

bool MemoryClock::sleep(std::chrono::milliseconds duration) {
    access("sleep", std::to_string(duration.count()));
    if (stop_signal() != 0) return false;
    time += duration;
    return true;
}

int MemoryClock::stop_signal() const {
    return stop_at_sleep > 0 && count("sleep") >= stop_at_sleep ? signal : 0;
}

std::string MemoryFiles::read(const std::string& path, std::uint64_t max_bytes) const {
    access("read", path);
    const auto found = contents.find(path);
    if (found == contents.end()) missing(path);
    if (found->second.size() > max_bytes) throw Error(ErrorKind::input, path + " is too large", {path, 0, 0, ""});
    return found->second;
}

void MemoryFiles::write(const std::string& path, std::string_view content, unsigned mode) {
    access("write", path);
    contents[path] = content;
    modes[path] = mode;
}

bool MemoryFiles::exists(const std::string& path) const {
    access("exists", path);
    return contents.contains(path) || folders.contains(path) || holds_something(path);
}

bool MemoryFiles::is_folder(const std::string& path) const {
    access("is_folder", path);
    return folders.contains(path) || holds_something(path);
}

bool MemoryFiles::is_file(const std::string& path) const {
    access("is_file", path);
    return contents.contains(path);
}

std::vector<std::string> MemoryFiles::list(const std::string& folder) const {
    access("list", folder);
    std::set<std::string> names;
    const auto add = [&](const std::string& path) {
        const std::string start = inside_of(folder);
        if (!path.starts_with(start) || path == start) return;
        const std::string rest = path.substr(start.size());
        names.insert(rest.substr(0, rest.find('/')));
    };
    for (const auto& [path, content] : contents) add(path);
    for (const std::string& path : folders) add(path);
    if (names.empty() && !folders.contains(folder)) missing(folder);
    return {names.begin(), names.end()};
}

void MemoryFiles::make_folders(const std::string& path) {
    access("make_folders", path);
    folders.insert(path);
}

void MemoryFiles::remove(const std::string& path) {
    access("remove", path);
    contents.erase(path);
}

void MemoryFiles::rename(const std::string& from, const std::string& to) {
    access("rename", from + " " + to);
    if (!contents.contains(from)) missing(from);
    contents[to] = contents.extract(from).mapped();
    modes[to] = modes[from];
}

bool MemoryFiles::holds_something(const std::string& path) const {
    const std::string start = inside_of(path);
    const auto next = contents.lower_bound(start);
    return next != contents.end() && next->first.starts_with(start);
}

void MemoryOutput::write(std::string_view more) {
    access("write");
    text += more;
}

std::string MemoryInput::read_all(std::uint64_t max_bytes) {
    access("read");
    if (text.size() > max_bytes) throw Error(ErrorKind::input, "standard input is too large");
    return text;
}

}  // namespace ktrain::test
