// Names of variables, flags and keys whose values are secrets.
#pragma once

#include <string_view>

namespace ktrain::lint {

// HF_TOKEN, --hub-token, PGPASSWORD, OPENAI_APIKEY, hfToken, DB_PASS; not EOS_TOKEN, MAX_TOKENS, TOKENIZER_PATH,
// sortKey.
bool is_secret_name(std::string_view name);

}  // namespace ktrain::lint
