// Names of variables, flags and keys whose values are secrets, and texts that hold one.
#pragma once

#include <string_view>

namespace ktrain {

// HF_TOKEN, --hub-token, PGPASSWORD, OPENAI_APIKEY, hfToken, DB_PASS; not EOS_TOKEN, MAX_TOKENS, TOKENIZER_PATH,
// sortKey.
bool is_secret_name(std::string_view name);

// What the text holds, such as "a GitHub token", or "". "hf_xxxxxxxx" and the like are examples of one.
std::string_view token_in(std::string_view text);

}  // namespace ktrain
