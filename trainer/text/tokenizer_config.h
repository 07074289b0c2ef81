// What stands beside a tokenizer.json: names of the special tokens, rules for BOS and EOS, chat templates.
// Source: transformers 5, tokenization_utils_base.py (from_pretrained) and tokenization_utils_tokenizers.py.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/world.h"

namespace ktrain::trainer {

struct TokenizerConfig {
    // By name, such as "eos_token". The names are those of transformers; a token that is null is not here.
    std::map<std::string, std::string> special;
    // Where one is said, these two rules replace what the tokenizer.json adds at the ends of a text.
    std::optional<bool> add_bos_token;
    std::optional<bool> add_eos_token;
    // Tokens that the tokenizer gets unless it has them: objects as in tokenizer.json, or the text of a special one.
    Json added = Json::array();
    // By name; "default" is the one without a name.
    std::map<std::string, std::string> chat_templates;
};

// From the text of a tokenizer_config.json. Errors: Error{input} with `file` and the path of the member.
TokenizerConfig parse_tokenizer_config(std::string_view text, const std::string& file);

// From a model folder: tokenizer_config.json, special_tokens_map.json (where the former lists no tokens: a model of
// old), chat_template.jinja, additional_chat_templates/*.jinja. Every file may be absent. Errors: as above, and those
// of Files.
TokenizerConfig read_tokenizer_config(const Files& files, const std::string& folder);

// The files of a folder that tokenizers of Hugging Face read, by their names in it, such as "tokenizer.json" and
// "additional_chat_templates/tool_use.jinja": those that are there. What is read, told apart by a digest and written
// beside trained weights is the same.
std::vector<std::string> tokenizer_file_names(const Files& files, const std::string& folder);

// Ids of special tokens by name ("eos_token") that the model's generation_config.json says, else its config.json; the
// first where it says several. Errors: as above; a value of another kind counts as none.
std::map<std::string, std::int32_t> read_model_token_ids(const Files& files, const std::string& folder);

}  // namespace ktrain::trainer
