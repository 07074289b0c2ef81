// Names of variables, flags and keys whose values are secrets, and texts that hold one.
#pragma once

#include <string_view>

namespace ktrain {

// HF_TOKEN, --hub-token, PGPASSWORD, OPENAI_APIKEY, hfToken, DB_PASS; not EOS_TOKEN, MAX_TOKENS, TOKENIZER_PATH,
// sortKey.
bool is_secret_name(std::string_view name);

// What the text holds, such as "a GitHub token", or "". "hf_xxxxxxxx" and the like are examples of one.
std::string_view token_in(std::string_view text);

// The first part of the text that may be such a token, or "". Half of its length is enough, so that it is better taken
// for one to hide it than to refuse it.
std::string_view token_text_in(std::string_view text);

// The password of the first address in the text that has one ("postgres://user:PASSWORD@host"), or a token in place of
// the user's name ("https://TOKEN@host"); "" where there is none or a variable fills it in.
std::string_view password_in_address(std::string_view text);

}  // namespace ktrain
