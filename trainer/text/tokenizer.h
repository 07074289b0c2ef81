// Texts to token ids and back, as the tokenizer.json of a model says: the same ids as Hugging Face's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/world.h"
#include "trainer/text/border.h"
#include "trainer/text/tokenizer_config.h"

namespace ktrain::trainer {

using TokenIds = std::vector<std::int32_t>;

// Tokens and where they come from. `text` is the encoded text with its invalid UTF-8 replaced; the spans are in it.
// What was added at the ends has an empty span.
struct Encoding {
    TokenIds ids;
    std::vector<ByteSpan> spans;
    std::string text;
};

// Const after it was made: any number of threads may use one.
class Tokenizer {
public:
    // From the content of a tokenizer.json; `file` names it in errors. Truncation and padding that it asks for are
    // left out: they belong to the session that wrote the file.
    // Errors: Error{input}: empty, cut off, not JSON, of an unknown kind, or with special tokens that make no sense.
    Tokenizer(std::string_view json, TokenizerConfig config, const std::string& file);

    // From a folder with tokenizer.json and what stands beside it; special tokens that no file of the tokenizer names
    // are taken from generation_config.json and config.json there, then from those in `model`, the folder of the model
    // that it is used with, if its tokenizer.json is the same. Errors: as above, and those of read_tokenizer_config and
    // of Files.
    static Tokenizer from_folder(const Files& files, const std::string& folder, const std::string& model = "");

    // Invalid UTF-8 counts as U+FFFD, one for each longest part of a character, as Python's errors="replace" has it.
    // With `add_special_tokens` come the BOS and EOS that this tokenizer adds to every text.
    TokenIds encode(std::string_view text, bool add_special_tokens) const;
    Encoding encode_with_spans(std::string_view text, bool add_special_tokens) const;
    // Ids that are no tokens are left out.
    std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const;

    std::optional<std::int32_t> id_of(std::string_view token) const;
    std::optional<std::string> token_of(std::int32_t id) const;
    bool is_special(std::int32_t id) const;
    // The number of tokens, added ones included.
    std::size_t vocab_size() const;

    // The id of a special token by its name, such as "eos_token"; nullopt when the model names none.
    std::optional<std::int32_t> special_id(const std::string& name) const;
    // Those that no file of the tokenizer names, as the model's config has them.
    const std::map<std::string, std::int32_t>& ids_of_model() const { return ids_of_model_; }
    const TokenizerConfig& config() const { return config_; }

private:
    struct Delete {
        void operator()(KtrainTokenizer* tokenizer) const { ktrain_tokenizer_delete(tokenizer); }
    };
    Encoding run(std::string_view text, bool add_special_tokens, bool spans) const;

    void add_ids_of_model(const Files& files, const std::string& folder);

    TokenizerConfig config_;
    std::map<std::string, std::int32_t> ids_of_model_;
    std::unique_ptr<KtrainTokenizer, Delete> tokenizer_;
    TokenIds special_;                       // sorted
    std::optional<std::int32_t> bos_, eos_;  // what the rules of config_ add
};

}  // namespace ktrain::trainer
