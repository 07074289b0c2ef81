// Reading of token stores: sizes and offsets and checksums are checked before anything is trusted.
#include "trainer/data/token_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "trainer/data/token_store_layout.h"

namespace ktrain::trainer {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
    throw Error(ErrorKind::input, fmt::format("{} {}", file, what), {file, 0, 0, ""},
                "remove it; it is made again from the data");
}

// Cuts `count` values off the front of `rest`.
template <typename Value>
std::span<const Value> take(std::string_view& rest, std::uint64_t count, const std::string& file) {
    if (count > rest.size() / sizeof(Value)) refuse(file, "is cut: its header promises more than it has");
    const auto* values = reinterpret_cast<const Value*>(rest.data());
    rest.remove_prefix(count * sizeof(Value));
    return {values, count};
}

std::string_view bytes_of(const auto& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])};
}

StoreHeader read_header(std::string_view content, const std::string& file) {
    StoreHeader header;
    if (content.size() < sizeof header) refuse(file, "is no token store: it is too short");
    std::memcpy(&header, content.data(), sizeof header);
    if (header.magic != StoreHeader::right_magic) refuse(file, "is no token store");
    if (header.version != StoreHeader::right_version)
        refuse(file, fmt::format("is a token store of version {}, not {}", header.version, StoreHeader::right_version));
    constexpr std::uint64_t most = 1U << 16;
    const std::uint64_t per_row = std::max(header.sequences_per_row, header.numbers_per_row);
    if (header.sequences_per_row == 0 || per_row > most || header.rows > content.size())
        refuse(file, "has impossible numbers in its header");
    return header;
}

}  // namespace

TokenStore::TokenStore(const std::string& path) : TokenStore(MappedFile(path)) {}

TokenStore::TokenStore(MappedFile mapping) : TokenStore(mapping.content(), mapping.path()) {
    mapping_.emplace(std::move(mapping));
    // Checking has read all of it; a large store is to be in memory only where it is used.
    mapping_->release(bytes_of(tokens_));
}

TokenStore::TokenStore(std::string_view content, const std::string& file) {
    const StoreHeader header = read_header(content, file);
    form_ = {header.sequences_per_row, header.numbers_per_row};
    totals_ = {header.rows, header.tokens, header.learned, header.longest, header.largest_id};
    std::string_view rest = content.substr(sizeof header);
    tokens_ = take<Token>(rest, header.tokens, file);
    take<Token>(rest, header.tokens % 2, file);
    ends_ = take<std::uint64_t>(rest, header.rows * form_.sequences, file);
    numbers_ = take<double>(rest, header.rows * form_.numbers, file);
    if (rest.size() != header.key_bytes) refuse(file, "is cut or has something behind its end");
    key_ = rest;
    Sha256 digest;
    digest.add(content.substr(0, offsetof(StoreHeader, checksum)));
    digest.add(bytes_of(ends_));
    digest.add(bytes_of(numbers_));
    digest.add(key_);
    if (digest.hex() != std::string_view(header.checksum.data(), header.checksum.size()))
        refuse(file, "is damaged: its checksum does not fit");
    if (!std::ranges::is_sorted(ends_) || (ends_.empty() ? 0 : ends_.back()) != header.tokens)
        refuse(file, "is damaged: its sequences do not follow each other");
    check_tokens({header.tokens_checksum.data(), header.tokens_checksum.size()}, file);
}

void TokenStore::check_tokens(std::string_view wanted, const std::string& file) const {
    Checksum checksum(checkpoint_checksum);
    checksum.add(bytes_of(tokens_));
    if (checksum.hex() != wanted) refuse(file, "is damaged: the checksum of its tokens does not fit");
}

std::span<const Token> TokenStore::sequence(std::uint64_t row, std::uint32_t number) const {
    const std::uint64_t index = row * form_.sequences + number;
    const std::uint64_t begin = index == 0 ? 0 : ends_[index - 1];
    return tokens_.subspan(begin, ends_[index] - begin);
}

std::span<const double> TokenStore::numbers(std::uint64_t row) const {
    return numbers_.subspan(row * form_.numbers, form_.numbers);
}

std::vector<std::uint32_t> TokenStore::lengths() const {
    std::vector<std::uint32_t> lengths;
    lengths.reserve(rows());
    for (std::uint64_t row = 0, begin = 0; row < rows(); ++row) {
        const std::uint64_t end = ends_[(row + 1) * form_.sequences - 1];
        lengths.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(end - begin, UINT32_MAX)));
        begin = end;
    }
    return lengths;
}

std::optional<TokenStore> open_current_store(const std::string& path, const std::string& key, const RowForm& form) {
    std::error_code code;
    if (!std::filesystem::exists(path, code)) return std::nullopt;
    try {
        TokenStore store(path);
        if (store.key() == key && store.form() == form) return store;
    } catch (const Error& error) {
        if (error.kind != ErrorKind::input) throw;
    }
    return std::nullopt;
}

}  // namespace ktrain::trainer
