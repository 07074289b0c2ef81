// Rows of texts to a store of tokens, made once for the same files, tokenizer and settings.
#pragma once

#include <memory>
#include <optional>

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/data/data_files.h"
#include "trainer/data/example.h"
#include "trainer/data/token_store.h"
#include "trainer/report/host.h"
#include "trainer/text/encode.h"

namespace ktrain::trainer {

class TextEncoding {
public:
    // All must outlive it. `digest` tells the tokenizer from others. New stores are made in `scratch`; where it is
    // empty, in data.cache_dir. Errors: those of Encoder.
    TextEncoding(const TrainingSpec& spec, const Tokenizer& tokenizer, std::string digest, const Host& host,
                 std::string scratch = "");

    // The store in data.cache_dir, made anew unless it is there and current. Nothing when the host asked to stop.
    // Errors: Error{input} at the row that cannot be used; those of TokenStoreWriter.
    std::shared_ptr<const TokenStore> store(const DataSplit& split) const;
    // The path of the current store of a split; empty where there is none.
    std::string current(const DataSplit& split) const;

    // One row alone; nothing for one that is empty. Errors: Error{input} at the row.
    std::optional<EncodedRow> row(const Rows& rows, std::uint64_t index) const;

    // What a store's key says, by the field of the spec that decides it.
    static Json identity(const std::string& key);

private:
    std::string key(const DataSplit& split) const;
    std::string path(const std::string& folder, const DataSplit& split, const std::string& key) const;
    std::string cache() const;
    RowReader reader(const Rows& rows) const;
    EncodedRow encode(const Example& example, const Place& place) const;
    bool write(const DataSplit& split, TokenStoreWriter& writer) const;

    const TrainingSpec& spec_;
    const Tokenizer& tokenizer_;
    std::string digest_;
    const Host& host_;
    std::string scratch_;
    Encoder encoder_;
};

}  // namespace ktrain::trainer
