// Appending to metrics.jsonl and cutting it back on resume.
#include "trainer/report/metrics.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/world.h"

namespace ktrain::trainer {
namespace {

constexpr std::uint64_t max_file = std::uint64_t{1} << 32;

// True for a line that belongs to the first `step` steps and `epoch` epochs.
bool before(const std::string& line, std::int64_t step, std::int64_t epoch) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer()) return false;
    if (json["step"].get<std::int64_t>() > step) return false;
    const std::string event = string_or(json, "event");
    if (event == "epoch")
        return json.contains("epoch") && json["epoch"].is_number() &&
               json["epoch"].get<double>() <= static_cast<double>(epoch);
    return event == "step" || event == "eval";
}

void cut_back(const std::string& path, std::int64_t step, std::int64_t epoch) {
    if (!real_files().exists(path)) return;
    const std::string old = real_files().read(path, max_file);
    std::string kept;
    for (const auto& line : split(old, '\n'))
        if (before(line, step, epoch)) kept += line + "\n";
    if (kept != old) real_files().write(path, kept);
}

[[noreturn]] void fail(const std::string& path) {
    const bool full = errno == ENOSPC || errno == EDQUOT;
    const bool denied = errno == EACCES || errno == EPERM || errno == EROFS;
    throw Error(denied ? ErrorKind::denied : ErrorKind::failed,
                fmt::format("cannot write {}: {}", path, std::strerror(errno)), {path, 0, 0, ""},
                full ? "free some space and run again: it resumes from the newest checkpoint"
                     : "check the permissions of the output folder");
}

}  // namespace

MetricsFile::MetricsFile(std::string path, std::int64_t step, std::int64_t epoch) : path_(std::move(path)) {
    cut_back(path_, step, epoch);
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file_ < 0) fail(path_);
    struct stat status {};
    if (::fstat(file_, &status) == 0) size_ = status.st_size;
}

MetricsFile::~MetricsFile() {
    ::fsync(file_);
    ::close(file_);
}

void MetricsFile::add(const Json& line) {
    const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = ::write(file_, text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int code = errno;
            if (::ftruncate(file_, size_) != 0) size_ += static_cast<std::int64_t>(done);  // a partial line stays
            errno = code;
            fail(path_);
        }
        done += static_cast<std::size_t>(n);
    }
    size_ += static_cast<std::int64_t>(text.size());
}

}  // namespace ktrain::trainer
