// One folder of files in memory, for readers that a fuzz target gives more than one file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/world.h"

namespace ktrain::fuzz {

class MemoryFolder final : public Files {
public:
    static constexpr const char* path = "/data";
    std::map<std::string, std::string> contents;  // by name

    std::string read(const std::string& file, std::uint64_t) const override {
        const auto found = contents.find(file.substr(file.rfind('/') + 1));
        if (found != contents.end() && file == path + ("/" + found->first)) return found->second;
        throw Error(ErrorKind::input, "cannot read a file", {file, 0, 0, ""});
    }
    bool exists(const std::string& file) const override { return file == path; }
    bool is_folder(const std::string& file) const override { return file == path; }
    bool is_file(const std::string& file) const override { return !is_folder(file); }
    std::string real_path(const std::string& file) const override { return file; }
    std::vector<std::string> list(const std::string&) const override {
        std::vector<std::string> names;
        for (const auto& [name, content] : contents) names.push_back(name);
        return names;
    }
    void write(const std::string&, std::string_view, unsigned) override {}
    void make_folders(const std::string&) override {}
    void remove(const std::string&) override {}
    void rename(const std::string&, const std::string&) override {}
};

// An input as two files: what is before the mark, and what is behind it.
inline std::pair<std::string_view, std::string_view> halves(std::string_view input, std::string_view mark) {
    const auto at = input.find(mark);
    if (at == input.npos) return {input, {}};
    return {input.substr(0, at), input.substr(at + mark.size())};
}

}  // namespace ktrain::fuzz
