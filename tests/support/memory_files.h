// A file system in memory that can fail the n-th write, for tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/world.h"

namespace ktrain::test {

class MemoryFiles final : public Files {
public:
    std::map<std::string, std::string> contents;  // by path; folders are the prefixes of paths
    int fail_write = 0;                           // the n-th write fails as on a full disk; 0: none

    std::string read(const std::string& path, std::uint64_t max_bytes) const override {
        const auto found = contents.find(path);
        if (found == contents.end()) throw Error(ErrorKind::input, "cannot read " + path, {path, 0, 0, ""});
        if (found->second.size() > max_bytes) throw Error(ErrorKind::input, path + " is too large", {path, 0, 0, ""});
        return found->second;
    }
    void write(const std::string& path, std::string_view content, unsigned) override {
        if (++writes_ == fail_write)
            throw Error(ErrorKind::failed, "cannot write " + path + ": no space left on device");
        contents[path] = content;
    }
    bool exists(const std::string& path) const override { return contents.contains(path) || is_folder(path); }
    bool is_folder(const std::string& path) const override {
        const auto next = contents.lower_bound(path + "/");
        return next != contents.end() && next->first.starts_with(path + "/");
    }
    std::vector<std::string> list(const std::string& folder) const override {
        std::vector<std::string> names;
        for (const auto& [path, content] : contents)
            if (path.starts_with(folder + "/")) names.push_back(path.substr(folder.size() + 1));
        return names;
    }
    void make_folders(const std::string&) override {}
    void remove(const std::string& path) override { contents.erase(path); }

private:
    int writes_ = 0;
};

}  // namespace ktrain::test
