// Writing of token stores.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/file_error.h"
#include "trainer/data/token_store.h"
#include "trainer/data/token_store_layout.h"

namespace ktrain::trainer {
namespace {

Error not_written(const std::string& path) {
    return system_error(errno, "write", path, "free some space, or keep the tokenised data elsewhere");
}

std::string_view bytes_of(const auto& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])};
}

constexpr std::string_view partial = ".partial-";

// What writers left behind that were killed: nobody holds its lock, as one does from just after it was made to the end.
void remove_leftovers(const std::filesystem::path& path) {
    const std::string beginning = path.filename().string() + std::string(partial);
    const auto young = std::filesystem::file_time_type::clock::now() - std::chrono::minutes(1);
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::error_code code;  // this is a favour: the writer itself says what is wrong
    for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
        if (!entry.path().filename().string().starts_with(beginning) || entry.last_write_time(code) > young) continue;
        const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (file < 0) continue;
        if (::flock(file, LOCK_EX | LOCK_NB) == 0) std::filesystem::remove(entry.path(), code);
        ::close(file);
    }
}

}  // namespace

TokenStoreWriter::TokenStoreWriter(std::string path, RowForm form, std::string key)
    : path_(std::move(path)),
      temporary_(path_ + std::string(partial) + "XXXXXX"),
      key_(std::move(key)),
      form_(form),
      file_(nullptr, &std::fclose) {
    remove_leftovers(path_);
    const int file = ::mkstemp(temporary_.data());
    if (file < 0) {
        temporary_.clear();
        throw not_written(path_);
    }
    ::fcntl(file, F_SETFD, FD_CLOEXEC);
    ::flock(file, LOCK_EX | LOCK_NB);  // nobody else has it yet
    file_.reset(::fdopen(file, "w"));
    if (!file_) throw not_written(path_);
    const StoreHeader empty;  // the true one is written last
    write(&empty, sizeof empty);
}

TokenStoreWriter::~TokenStoreWriter() {
    file_.reset();
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void TokenStoreWriter::write(const void* data, std::size_t bytes) {
    if (bytes > 0 && std::fwrite(data, 1, bytes, file_.get()) != bytes) throw not_written(path_);
}

void TokenStoreWriter::add(const EncodedRow& row) {
    if (row.sequences.size() != form_.sequences || row.numbers.size() != form_.numbers)
        throw Error(ErrorKind::bug, "an encoded row has not the form of its store");
    for (const auto& sequence : row.sequences) {
        write(sequence.data(), sequence.size() * sizeof(Token));
        tokens_checksum_.add(bytes_of(sequence));
        totals_.tokens += sequence.size();
        totals_.longest = std::max<std::uint64_t>(totals_.longest, sequence.size());
        for (const Token token : sequence) {
            totals_.learned += token.learned() ? 1 : 0;
            totals_.largest_id = std::max(totals_.largest_id, token.id());
        }
        ends_.push_back(totals_.tokens);
    }
    numbers_.insert(numbers_.end(), row.numbers.begin(), row.numbers.end());
    ++totals_.rows;
}

void TokenStoreWriter::finish() {
    const Token padding;
    if (totals_.tokens % 2 != 0) write(&padding, sizeof padding);
    StoreHeader header;
    header.sequences_per_row = form_.sequences;
    header.numbers_per_row = form_.numbers;
    header.largest_id = totals_.largest_id;
    header.rows = totals_.rows;
    header.tokens = totals_.tokens;
    header.learned = totals_.learned;
    header.longest = totals_.longest;
    header.key_bytes = key_.size();
    std::ranges::copy(tokens_checksum_.hex(), header.tokens_checksum.begin());
    Sha256 digest;
    digest.add({reinterpret_cast<const char*>(&header), offsetof(StoreHeader, checksum)});
    for (const std::string_view part : {bytes_of(ends_), bytes_of(numbers_), bytes_of(key_)}) {
        digest.add(part);
        write(part.data(), part.size());
    }
    const std::string hex = digest.hex();
    std::ranges::copy(hex, header.checksum.begin());
    if (std::fseek(file_.get(), 0, SEEK_SET) != 0) throw not_written(path_);
    write(&header, sizeof header);
    if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0 ||
        ::fchmod(::fileno(file_.get()), 0644) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0)
        throw not_written(path_);
    temporary_.clear();
    file_.reset();
}

}  // namespace ktrain::trainer
