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

// The byte where the character begins that `at` is in.
std::size_t character_start(std::string_view text, std::size_t at) {
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
    return at;
}

}  // namespace

Encoder::Encoder(const Tokenizer& tokenizer, const EncodeOptions& options)
    : tokenizer_(tokenizer), max_length_(options.max_length), bos_(tokenizer.special_id("bos_token")), eos_(0) {
    const auto eos = tokenizer.special_id("eos_token");
    if (!eos)
        throw Error(ErrorKind::input, "the model's tokenizer names no EOS token: trained without, a model never stops",
                    {}, "name it as eos_token in the model's tokenizer_config.json");
    eos_ = *eos;
    const auto& config = tokenizer.config();
    for (const auto& [name, source] : options.chat_templates.empty() ? config.chat_templates : options.chat_templates)
        if (name == "default" || name == "tool_use")
            templates_.try_emplace(name, source, config.special, options.now, "chat template " + name);
}

const ChatTemplate& Encoder::template_for(const ChatVariables& variables) const {
    auto found = variables.tools.is_null() ? templates_.end() : templates_.find("tool_use");
    if (found == templates_.end()) found = templates_.find("default");
    if (found == templates_.end())
        throw Error(ErrorKind::input, "the data has conversations, but the model has no chat template", {},
                    "take the model's instruct variant, or put a chat_template.jinja into its folder");
    return found->second;
}

// With one BOS at most.
Encoding Encoder::encoded(std::string_view text, bool add_special_tokens) const {
    Encoding result = tokenizer_.encode_with_spans(text, add_special_tokens);
    while (bos_ && result.ids.size() > 1 && result.ids[0] == *bos_ && result.ids[1] == *bos_) {
        result.ids.erase(result.ids.begin());
        result.spans.erase(result.spans.begin());
    }
    return result;
}

Tokens Encoder::finished(Tokens tokens, bool with_eos) const {
    if (with_eos) {  // one, whether the row, the tokenizer or both have written it
        while (!tokens.ids.empty() && tokens.ids.back() == eos_) tokens.ids.pop_back();
        tokens.ids.push_back(eos_);
        tokens.learned.resize(tokens.ids.size() - 1);
        tokens.learned.push_back(1);
    }
    if (max_length_ > 0 && tokens.ids.size() > max_length_) {
        tokens.ids.resize(max_length_);
        tokens.learned.resize(max_length_);
        tokens.cut = true;
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
    return finished(behind({}, encoded(text, true).ids), true);
}

Tokens Encoder::completion(std::string_view prompt, std::string_view completion) const {
    const TokenIds before = encoded(prompt, true).ids;
    return finished(behind(before, encoded(std::string(prompt).append(completion), true).ids), true);
}

// Whether the last thing it says, but for blanks, is a mark.
bool Encoder::ends_itself(const Encoding& encoding) const {
    for (std::size_t at = encoding.ids.size(); at-- > 0;)
        if (!trim(text_of(encoding, at)).empty()) return tokenizer_.is_special(encoding.ids[at]);
    return false;
}

Tokens Encoder::chat_completion(const Json& prompt, const Json& completion, const ChatVariables& variables) const {
    const ChatTemplate& chat = template_for(variables);
    Json messages = prompt;
    for (const Json& message : completion) messages.push_back(message);
    const TokenIds before = prompt.empty() ? TokenIds{} : encoded(chat.render(prompt, variables, true).text, false).ids;
    const Encoding all = encoded(chat.render(messages, variables, false).text, false);
    const bool open = said_by_assistant(messages.back()) && !ends_itself(all);
    return finished(behind(before, all.ids), open);
}

Tokens Encoder::chat(const Json& messages, const ChatVariables& variables, Learn learn) const {
    if (learn == Learn::completion && messages.is_array()) {
        const auto begin = std::find_if_not(messages.rbegin(), messages.rend(), said_by_assistant).base();
        return chat_completion(Json(messages.begin(), begin), Json(begin, messages.end()), variables);
    }
    const ChatTemplate& chat = template_for(variables);
    const RenderedChat rendered = chat.render(messages, variables, false);
    const Encoding all = encoded(rendered.text, false);
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

Preference split_preference(const Json& chosen, const Json& rejected) {
    const bool texts = chosen.is_string() && rejected.is_string();
    if ((!texts && !(chosen.is_array() && rejected.is_array())) || chosen.empty() || rejected.empty() ||
        (texts && (chosen == "" || rejected == "")))
        throw Error(ErrorKind::input, "chosen and rejected must be two texts or two lists of messages", {},
                    "give both the same shape, with something in each");
    if (texts) {
        const std::string a = chosen, b = rejected;
        const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
        auto at = static_cast<std::size_t>(differ.first - a.begin());
        const std::size_t shorter = std::min(a.size(), b.size());
        at = character_start(a.size() <= b.size() ? a : b, std::min(at, shorter - 1));
        if (at > 0 && at < shorter && a[at - 1] == ' ' && differ.first != a.end() && differ.second != b.end()) --at;
        return {a.substr(0, at), a.substr(at), b.substr(at)};
    }
    const auto differ = std::mismatch(chosen.begin(), chosen.end(), rejected.begin(), rejected.end());
    auto at = differ.first - chosen.begin();
    at = std::min<Json::difference_type>(
        at, static_cast<Json::difference_type>(std::min(chosen.size(), rejected.size())) - 1);
    return {Json(chosen.begin(), chosen.begin() + at), Json(chosen.begin() + at, chosen.end()),
            Json(rejected.begin() + 0 + at, rejected.end())};
}

}  // namespace ktrain::trainer
