// Rows of texts to a store of tokens, made once for the same files, tokenizer and settings.
#pragma once

#include <memory>

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/data/data_files.h"
#include "trainer/data/token_store.h"
#include "trainer/report/host.h"
#include "trainer/text/encode.h"

namespace ktrain::trainer {

class TextEncoding {
public:
    // All must outlive it. `digest` tells the tokenizer from others. Errors: those of Encoder.
    TextEncoding(const TrainingSpec& spec, const Tokenizer& tokenizer, std::string digest, const Host& host);

    // The store in data.cache_dir, made anew unless it is there and current. Nothing when the host asked to stop.
    // Errors: Error{input} at the row that cannot be used; those of TokenStoreWriter.
    std::shared_ptr<const TokenStore> store(const DataSplit& split) const;

    // What a store's key says, by the field of the spec that decides it.
    static Json identity(const std::string& key);

private:
    std::string key(const DataSplit& split) const;
    bool write(const DataSplit& split, TokenStoreWriter& writer) const;

    const TrainingSpec& spec_;
    const Tokenizer& tokenizer_;
    std::string digest_;
    const Host& host_;
    Encoder encoder_;
};

}  // namespace ktrain::trainer
