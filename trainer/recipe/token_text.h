// Tokens for people and programs to look at.
#pragma once

#include <span>

#include "core/base/json.h"
#include "trainer/data/token_store.h"
#include "trainer/text/tokenizer.h"

namespace ktrain::trainer {

// {"ids", "pieces", "learned", "text"}: lists of one length, and all tokens decoded. A piece is the text that its token
// adds; where that is no whole character, the token as the vocabulary has it. `learned` is 1 or 0.
Json describe_tokens(const Tokenizer& tokenizer, std::span<const Token> tokens);

}  // namespace ktrain::trainer
