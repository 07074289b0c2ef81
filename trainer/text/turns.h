// Finds what the assistant says in a rendered conversation, by rendering its beginnings.
#pragma once

#include <vector>

#include "core/base/json.h"
#include "trainer/text/chat_template.h"
#include "trainer/text/tokenizer.h"

namespace ktrain::trainer {

// The assistant's turns, each from behind what the template writes to prompt it to what ends it. `whole` are the
// tokens of all `messages` as the template renders them.
// Errors: Error{input} where a template rewrites earlier turns in a way that cannot be followed.
std::vector<ByteSpan> assistant_turns(const Tokenizer& tokenizer, const ChatTemplate& chat, const Json& messages,
                                      const ChatVariables& variables, const Encoding& whole);

}  // namespace ktrain::trainer
