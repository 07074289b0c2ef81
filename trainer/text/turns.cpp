// A turn lies between the renderings of the conversation before and after it, where these are beginnings of the whole.
// Some templates write a turn in another way once more follows (without its reasoning, with another end): there it
// begins behind what prompts it, and ends where a rendering with another turn in its place becomes the same again.
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
        if (index > 0 && bare.size() >= from && whole_.text.starts_with(bare)) {
            // The prompt says more than the turn keeps, such as a tag that opens the reasoning.
            const auto differ = std::mismatch(prompted.begin(), prompted.end(), whole_.text.begin(), whole_.text.end());
            return static_cast<std::size_t>(differ.first - prompted.begin());
        }
        if (!prompted.starts_with(bare) || prompted.size() == bare.size()) return {};
        const std::string prompt = prompted.substr(bare.size());
        const std::size_t place = whole_.text.find(prompt, from);
        return place == std::string::npos ? std::nullopt : std::optional(place + prompt.size());
    }

    std::optional<std::size_t> end_of(std::size_t index, std::size_t begin) const {
        if (index + 1 == messages_.size()) return whole_.text.size();
        const std::string last = rendered(first(messages_, index + 1), false);
        if (last.size() > begin && whole_.text.starts_with(last)) return last.size();
        // Said in other words, the turn differs up to the mark that ends it, or to behind another such mark.
        Json messages = messages_;
        messages[index] = {{"role", "assistant"}, {"content", "\uE000"}};
        const std::string other = rendered(messages, false);
        const auto differ = std::mismatch(other.rbegin(), other.rend(), whole_.text.rbegin(), whole_.text.rend());
        const std::size_t from = whole_.text.size() - static_cast<std::size_t>(differ.first - other.rbegin());
        const std::size_t at = token_from(std::max(from, begin));
        const auto& spans = whole_.spans;
        std::size_t mark = at;
        while (mark > 0 && spans[mark - 1].begin >= begin && blank(spans[mark - 1])) --mark;
        if (mark > 0 && spans[mark - 1].begin >= begin && tokenizer_.is_special(whole_.ids[mark - 1]))
            return with_blanks(mark);
        if (at == spans.size() || !tokenizer_.is_special(whole_.ids[at])) return {};
        return with_blanks(at + 1);
    }

    std::size_t token_from(std::size_t byte) const {
        std::size_t at = 0;
        while (at < whole_.spans.size() && whole_.spans[at].begin < byte) ++at;
        return at;
    }

    // The end of the blanks that begin with token `at`: what most templates write behind a mark.
    std::size_t with_blanks(std::size_t at) const {
        while (at < whole_.spans.size() && !tokenizer_.is_special(whole_.ids[at]) && blank(whole_.spans[at])) ++at;
        return at == 0 ? 0 : whole_.spans[at - 1].end;
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
