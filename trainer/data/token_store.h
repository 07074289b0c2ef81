// Tokenised examples in one file: written once in a stream, then mapped into memory and read in any order.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trainer/data/checksum.h"
#include "trainer/data/mapped_file.h"

namespace ktrain::trainer {

// A token as it is stored: the id, and whether it is one to be learned (a label) or only to be read.
class Token {
public:
    Token() = default;
    Token(std::int32_t id, bool learned) : bits_(static_cast<std::uint32_t>(id) | (learned ? 0 : read_only)) {}
    std::int32_t id() const { return static_cast<std::int32_t>(bits_ & ~read_only); }
    bool learned() const { return (bits_ & read_only) == 0; }
    bool operator==(const Token&) const = default;

private:
    static constexpr std::uint32_t read_only = 1U << 31;  // ids are below 2^31
    std::uint32_t bits_ = 0;
};
static_assert(sizeof(Token) == 4);

// One row of data: its sequences (one; two for a pair, the chosen first) and numbers (labels, margins).
struct EncodedRow {
    std::vector<std::vector<Token>> sequences;
    std::vector<double> numbers;
};

// What all rows of a store have alike.
struct RowForm {
    std::uint32_t sequences = 1, numbers = 0;
    bool operator==(const RowForm&) const = default;
};

struct StoreTotals {
    std::uint64_t rows = 0, tokens = 0;
    std::uint64_t learned = 0;  // tokens that are labels
    std::uint64_t longest = 0;  // tokens of the longest sequence
    std::int32_t largest_id = 0;
    bool operator==(const StoreTotals&) const = default;
};

// Holds 8 bytes a sequence in memory, whatever its length. Errors of all functions: Error{failed} (disk full),
// Error{denied}, Error{input} for a folder that is not there; the file is then not made.
class TokenStoreWriter {
public:
    // A temporary beside `path`; those of writers that were killed are removed. `key` tells what the tokens were made
    // of: data, tokenizer and options.
    TokenStoreWriter(std::string path, RowForm form, std::string key);
    ~TokenStoreWriter();  // removes what was not finished
    TokenStoreWriter(const TokenStoreWriter&) = delete;
    TokenStoreWriter& operator=(const TokenStoreWriter&) = delete;

    // Errors also: Error{bug} for a row of another form.
    void add(const EncodedRow& row);
    // Makes the file appear, whole, in place of any other. When several writers race, one of their files stays.
    void finish();
    const StoreTotals& totals() const { return totals_; }

private:
    void write(const void* data, std::size_t bytes);

    std::string path_, temporary_, key_;
    RowForm form_;
    StoreTotals totals_;
    Checksum tokens_checksum_{checkpoint_checksum};
    std::vector<std::uint64_t> ends_;  // of the sequences, in tokens
    std::vector<double> numbers_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

// A store that was checked: sizes, version and checksums. Read by any number of threads; spans live as long as the
// store.
class TokenStore {
public:
    // Errors: those of MappedFile; Error{input} for a file that is no store, of another version, cut or damaged.
    explicit TokenStore(const std::string& path);
    // From memory that outlives it and begins at a multiple of 8; `file` is for messages.
    TokenStore(std::string_view content, const std::string& file);

    const std::string& key() const { return key_; }
    const RowForm& form() const { return form_; }
    const StoreTotals& totals() const { return totals_; }
    std::uint64_t rows() const { return totals_.rows; }

    std::span<const Token> sequence(std::uint64_t row, std::uint32_t number = 0) const;
    std::span<const double> numbers(std::uint64_t row) const;
    // The tokens of every row, all its sequences together.
    std::vector<std::uint32_t> lengths() const;

private:
    explicit TokenStore(MappedFile mapping);
    void check_tokens(std::string_view wanted, const std::string& file) const;

    std::optional<MappedFile> mapping_;
    std::string key_;
    RowForm form_;
    StoreTotals totals_;
    std::span<const Token> tokens_;
    std::span<const std::uint64_t> ends_;
    std::span<const double> numbers_;
};

// The store at `path` if it is there, valid and has this key and form.
std::optional<TokenStore> open_current_store(const std::string& path, const std::string& key, const RowForm& form);

}  // namespace ktrain::trainer
