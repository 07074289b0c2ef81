// A turn lies between the renderings of the conversation before and after it, where these are beginnings of the whole.
// Some templates write a turn in another way once more follows (without its reasoning, with another end): there the
// marks around a turn tell where it is.
#include "trainer/text/turns.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::trainer {
namespace {

Json first(const Json& messages, std::size_t count) {
    return Json(messages.begin(), messages.begin() + static_cast<Json::difference_type>(count));
}

class Turns {
public:
    Turns(const Tokenizer& tokenizer, const ChatTemplate& chat, const Json& messages, const ChatVariables& variables,
          const Encoding& whole)
        : tokenizer_(tokenizer), chat_(chat), messages_(messages), variables_(variables), whole_(whole) {}

    // Of message `index`, which does not begin before `from`.
    ByteSpan find(std::size_t index, std::size_t from) const {
        const std::optional<std::size_t> begin = begin_of(index, from);
        const std::optional<std::size_t> end = begin ? end_of(index, *begin) : std::nullopt;
        if (!end)
            throw Error(
                ErrorKind::input,
                fmt::format("the chat template rewrites the turn of message {}, so that what the assistant says "
                            "there cannot be found",
                            index + 1),
                {}, "mark it in the template by {% generation %} and {% endgeneration %}");
        return {*begin, *end};
    }

private:
    std::string rendered(const Json& messages, bool add_generation_prompt) const {
        return chat_.render(messages, variables_, add_generation_prompt).text;
    }

    std::optional<std::size_t> begin_of(std::size_t index, std::size_t from) const {
        // Templates want a first message: to see the prompt of one that the assistant begins, somebody else's.
        const Json before = index > 0 ? first(messages_, index) : Json::array({{{"role", "user"}, {"content", ""}}});
        const std::string prompted = rendered(before, true);
        if (index > 0 && prompted.size() >= from && whole_.text.starts_with(prompted)) return prompted.size();
        const std::string bare = rendered(before, false);
        if (!prompted.starts_with(bare) || prompted.size() == bare.size()) return {};
        const std::string prompt = prompted.substr(bare.size());
        const std::size_t place = whole_.text.find(prompt, from);
        return place == std::string::npos ? std::nullopt : std::optional(place + prompt.size());
    }

    std::optional<std::size_t> end_of(std::size_t index, std::size_t begin) const {
        if (index + 1 == messages_.size()) return whole_.text.size();
        const std::string last = rendered(first(messages_, index + 1), false);
        const auto differ = std::mismatch(last.begin(), last.end(), whole_.text.begin(), whole_.text.end());
        const auto same = static_cast<std::size_t>(differ.first - last.begin());
        if (same == last.size() && same > begin) return same;
        if (same > begin)
            if (const auto end = other_end(begin, same)) return end;
        return same_end(last, begin);
    }

    // The turn is the same up to `same`, which is in the mark that ends it, or in what follows the mark.
    std::optional<std::size_t> other_end(std::size_t begin, std::size_t same) const {
        const auto& spans = whole_.spans;
        std::size_t at = 0;
        while (at < spans.size() && spans[at].end <= same) ++at;
        if (at == spans.size()) return {};
        for (std::size_t before = at; before-- > 0 && spans[before].begin >= begin;) {
            if (tokenizer_.is_special(whole_.ids[before])) return spans[at].begin;
            if (!blank(spans[before])) break;
        }
        if (tokenizer_.is_special(whole_.ids[at]) && spans[at].begin >= begin) return spans[at].end;
        return {};
    }

    // The turn differs, but ends as `last` does, where nothing follows it: with its last special token and blanks.
    std::optional<std::size_t> same_end(const std::string& last, std::size_t begin) const {
        const Encoding encoding = tokenizer_.encode_with_spans(last, false);
        for (std::size_t at = encoding.ids.size(); at-- > 0 && encoding.spans[at].begin >= begin;) {
            if (!tokenizer_.is_special(encoding.ids[at])) continue;
            const std::string end = last.substr(encoding.spans[at].begin);
            const std::size_t place = whole_.text.find(end, begin);
            return place == std::string::npos ? std::nullopt : std::optional(place + end.size());
        }
        return {};
    }

    bool blank(const ByteSpan& span) const {
        return trim(std::string_view(whole_.text).substr(span.begin, span.end - span.begin)).empty();
    }

    const Tokenizer& tokenizer_;
    const ChatTemplate& chat_;
    const Json& messages_;
    const ChatVariables& variables_;
    const Encoding& whole_;
};

}  // namespace

std::vector<ByteSpan> assistant_turns(const Tokenizer& tokenizer, const ChatTemplate& chat, const Json& messages,
                                      const ChatVariables& variables, const Encoding& whole) {
    const Turns turns(tokenizer, chat, messages, variables, whole);
    std::vector<ByteSpan> result;
    for (std::size_t index = 0; index < messages.size(); ++index)
        if (messages[index]["role"] == "assistant")
            result.push_back(turns.find(index, result.empty() ? 0 : result.back().end));
    return result;
}

}  // namespace ktrain::trainer
