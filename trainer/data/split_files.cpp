// Streams rows into files; only one row is in memory.
#include "trainer/data/split_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "core/base/file_error.h"
#include "trainer/data/new_folder.h"

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
    NewFolder made(folder);
    if (!write_rows(rows, parts.train, made.path() + "/train.jsonl", stop) ||
        !write_rows(rows, parts.validation, made.path() + "/validation.jsonl", stop))
        return false;
    made.finish();
    return true;
}

}  // namespace ktrain::trainer
