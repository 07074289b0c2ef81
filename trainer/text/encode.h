// From rows to tokens, and which of them the model learns.
// Source: TRL 1.16, sft_trainer.py and data_utils.py; assistant turns without {% generation %} are our own way.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "trainer/text/chat_template.h"
#include "trainer/text/tokenizer.h"

namespace ktrain::trainer {

// `learned` is 1 for each id that has a label.
struct Tokens {
    TokenIds ids;
    std::vector<std::uint8_t> learned;
};

// What of a conversation is learned.
enum class Learn {
    all,        // every token
    assistant,  // every turn of the assistant, with what ends it
};

// Turns rows into tokens. Every row has at most one BOS, at its start: of texts it is the tokenizer's, of conversations
// the template's, as at inference. The EOS, or what else ends a turn of the assistant, is learned. Const after it was
// made: any number of threads may use one. The functions throw what ChatTemplate throws, and Error{input} where no turn
// of the assistant can be found.
class Encoder {
public:
    // `tokenizer` outlives it. `now`: what templates take for the time, in seconds since 1970. Errors: Error{input}:
    // the model names no EOS, or a template cannot be read.
    explicit Encoder(const Tokenizer& tokenizer, std::int64_t now = 0);

    // Plain text, learned whole, with the EOS at its end.
    Tokens text(std::string_view text) const;
    // Text that is read and never written: as the tokenizer gives it, without the EOS.
    Tokens read(std::string_view text) const;
    // The completion and its EOS are learned. It begins where the tokens of both together leave those of the prompt.
    Tokens completion(std::string_view prompt, std::string_view completion) const;
    // A conversation.
    Tokens chat(const Json& messages, const ChatVariables& variables, Learn learn) const;
    // A conversation of which the second part is learned.
    Tokens chat_completion(const Json& prompt, const Json& completion, const ChatVariables& variables) const;

private:
    const ChatTemplate& template_for(const ChatVariables& variables) const;
    std::size_t surplus_bos(const TokenIds& ids) const;
    TokenIds ids_of(std::string_view text) const;
    Encoding chat_tokens(const std::string& rendered) const;
    Tokens behind(const TokenIds& prompt, TokenIds all) const;
    Tokens finished(Tokens tokens, bool with_eos) const;
    bool ends_itself(const Encoding& encoding) const;

    const Tokenizer& tokenizer_;
    std::optional<std::int32_t> bos_;
    std::int32_t eos_;
    std::map<std::string, ChatTemplate> templates_;
};

}  // namespace ktrain::trainer
