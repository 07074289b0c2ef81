// Streams rows into files; only one row is in memory.
#include "trainer/data/split_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/base/file_error.h"
#include "core/base/world.h"

namespace ktrain::trainer {
namespace {

bool write_rows(const Rows& rows, const Order& chosen, const std::string& path, const std::function<bool()>& stop) {
    constexpr std::size_t asked_every = 1024;  // rows
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "we"), &std::fclose);
    if (!file) throw system_error(errno, "write", path);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (i % asked_every == 0 && stop()) return false;
        const std::string line = rows.read(chosen[i]).dump() + "\n";
        if (std::fwrite(line.data(), 1, line.size(), file.get()) != line.size())
            throw system_error(errno, "write", path);
    }
    if (std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) throw system_error(errno, "write", path);
    return true;
}

}  // namespace

bool write_split_files(const Rows& rows, const Split& parts, const std::string& folder,
                       const std::function<bool()>& stop) {
    if (parts.train.empty() || parts.validation.empty())
        throw Error(
            ErrorKind::input,
            fmt::format("of {} rows none is left to {}", rows.size(), parts.train.empty() ? "train on" : "validate on"),
            {"", 0, 0, "data.validation_split"}, "choose another share");
    const std::string target = folder.substr(0, std::max<std::size_t>(folder.find_last_not_of('/') + 1, 1));
    const std::string temporary = target + ".partial";
    for (const std::string& path : {target, temporary})
        if (real_files().exists(path))
            throw Error(ErrorKind::conflict, path + " is there already", {path, 0, 0, ""},
                        path == target ? "name a folder that is not" : "remove what a killed split left behind");
    real_files().make_folders(temporary);
    std::error_code ignored;  // the error that led there says more
    try {
        if (write_rows(rows, parts.train, temporary + "/train.jsonl", stop) &&
            write_rows(rows, parts.validation, temporary + "/validation.jsonl", stop)) {
            real_files().rename(temporary, target);
            return true;
        }
    } catch (...) {
        std::filesystem::remove_all(temporary, ignored);
        throw;
    }
    std::filesystem::remove_all(temporary, ignored);
    return false;
}

}  // namespace ktrain::trainer
