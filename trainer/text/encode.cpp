// Tokens and masks of the row shapes.
#include "trainer/text/encode.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/text/turns.h"

namespace ktrain::trainer {
namespace {

std::string_view text_of(const Encoding& encoding, std::size_t at) {
    const ByteSpan span = encoding.spans[at];
    return std::string_view(encoding.text).substr(span.begin, span.end - span.begin);
}

std::vector<std::uint8_t> learned_in(const Encoding& encoding, const std::vector<ByteSpan>& turns) {
    std::vector<std::uint8_t> learned(encoding.ids.size(), 0);
    for (std::size_t at = 0; at < learned.size(); ++at) {
        const ByteSpan token = encoding.spans[at];
        for (const ByteSpan& turn : turns)
            if (token.begin < turn.end && turn.begin < token.end) learned[at] = 1;
    }
    return learned;
}

bool said_by_assistant(const Json& message) {
    return string_or(message, "role") == "assistant";
}

}  // namespace

Encoder::Encoder(const Tokenizer& tokenizer, std::int64_t now)
    : tokenizer_(tokenizer), bos_(tokenizer.special_id("bos_token")), eos_(0) {
    const auto eos = tokenizer.special_id("eos_token");
    if (!eos)
        throw Error(ErrorKind::input, "the model's tokenizer names no EOS token: trained without, a model never stops",
                    {}, "name it as eos_token in the model's tokenizer_config.json");
    eos_ = *eos;
    const auto& config = tokenizer.config();
    for (const auto& [name, source] : config.chat_templates)
        if (name == "default" || name == "tool_use")
            templates_.try_emplace(name, source, config.special, now, "chat template " + name);
}

const ChatTemplate& Encoder::template_for(const ChatVariables& variables) const {
    auto found = variables.tools.is_null() ? templates_.end() : templates_.find("tool_use");
    if (found == templates_.end()) found = templates_.find("default");
    if (found == templates_.end())
        throw Error(ErrorKind::input, "the data has conversations, but the model has no chat template", {},
                    "take the model's instruct variant, or put a chat_template.jinja into its folder");
    return found->second;
}

// How many BOS stand at the start before the last one there.
std::size_t Encoder::surplus_bos(const TokenIds& ids) const {
    std::size_t count = 0;
    while (bos_ && count + 1 < ids.size() && ids[count] == *bos_ && ids[count + 1] == *bos_) ++count;
    return count;
}

TokenIds Encoder::ids_of(std::string_view text) const {
    TokenIds ids = tokenizer_.encode(text, true);
    ids.erase(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(surplus_bos(ids)));
    return ids;
}

Encoding Encoder::chat_tokens(const std::string& rendered) const {
    Encoding result = tokenizer_.encode_with_spans(rendered, false);
    const auto surplus = static_cast<std::ptrdiff_t>(surplus_bos(result.ids));
    result.ids.erase(result.ids.begin(), result.ids.begin() + surplus);
    result.spans.erase(result.spans.begin(), result.spans.begin() + surplus);
    return result;
}

Tokens Encoder::finished(Tokens tokens, bool with_eos) const {
    if (with_eos) {  // one, whether the row, the tokenizer or both have written it
        while (!tokens.ids.empty() && tokens.ids.back() == eos_) tokens.ids.pop_back();
        tokens.ids.push_back(eos_);
        tokens.learned.resize(tokens.ids.size() - 1);
        tokens.learned.push_back(1);
    }
    return tokens;
}

Tokens Encoder::behind(const TokenIds& prompt, TokenIds all) const {
    const auto differ = std::mismatch(prompt.begin(), prompt.end(), all.begin(), all.end());
    Tokens tokens{.ids = std::move(all), .learned = {}};
    tokens.learned.assign(static_cast<std::size_t>(differ.first - prompt.begin()), 0);
    tokens.learned.resize(tokens.ids.size(), 1);
    return tokens;
}

Tokens Encoder::text(std::string_view text) const {
    return finished(behind({}, ids_of(text)), true);
}

Tokens Encoder::read(std::string_view text) const {
    return finished(behind({}, ids_of(text)), false);
}

Tokens Encoder::completion(std::string_view prompt, std::string_view completion) const {
    const TokenIds before = ids_of(prompt);
    return finished(behind(before, ids_of(std::string(prompt).append(completion))), true);
}

// Whether the last thing it says, but for blanks, is a mark.
bool Encoder::ends_itself(const Encoding& encoding) const {
    for (std::size_t at = encoding.ids.size(); at-- > 0;)
        if (!trim(text_of(encoding, at)).empty()) return tokenizer_.is_special(encoding.ids[at]);
    return false;
}

Tokens Encoder::chat_completion(const Json& prompt, const Json& completion, const ChatVariables& variables) const {
    const ChatTemplate& chat = template_for(variables);
    if (!prompt.is_array() || !completion.is_array())
        throw Error(ErrorKind::input, "prompt and completion must be two texts or two lists of messages", {},
                    "give both the same shape");
    Json messages = prompt;
    for (const Json& message : completion) messages.push_back(message);
    const TokenIds before = prompt.empty() ? TokenIds{} : chat_tokens(chat.render(prompt, variables, true).text).ids;
    const Encoding all = chat_tokens(chat.render(messages, variables, false).text);
    const bool open = said_by_assistant(messages.back()) && !ends_itself(all);
    return finished(behind(before, all.ids), open);
}

Tokens Encoder::chat(const Json& messages, const ChatVariables& variables, Learn learn) const {
    const ChatTemplate& chat = template_for(variables);
    const RenderedChat rendered = chat.render(messages, variables, false);
    const Encoding all = chat_tokens(rendered.text);
    Tokens tokens{.ids = all.ids, .learned = std::vector<std::uint8_t>(all.ids.size(), 1)};
    if (learn == Learn::assistant) {
        tokens.learned =
            learned_in(all, chat.marks_generation() ? rendered.generated
                                                    : assistant_turns(tokenizer_, chat, messages, variables, all));
        // What ends a turn is learned also where the template leaves it out of the marks.
        for (std::size_t at = 1; at < all.ids.size(); ++at)
            if (tokens.learned[at - 1] && tokenizer_.is_special(all.ids[at]) && !tokenizer_.is_special(all.ids[at - 1]))
                if (!trim(text_of(all, at - 1)).empty()) tokens.learned[at] = 1;
    }
    return finished(std::move(tokens), said_by_assistant(messages.back()) && !ends_itself(all));
}

}  // namespace ktrain::trainer
