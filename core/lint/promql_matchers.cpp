// The matchers of the language of Prometheus, {a="b", c=~"d.*"}: their texts and regular expressions.
#include <algorithm>
#include <cstdint>

#include "core/base/ascii.h"
#include "core/base/regex.h"
#include "core/base/text.h"
#include "core/lint/promql.h"

namespace ktrain::lint {
namespace {

struct Matcher {
    std::string label;
    std::string_view sign;
    std::string value;
};

// Goes over the list once; its form has been looked at.
class Reader {
public:
    Reader(std::string_view braces, std::size_t at, std::string_view metric)
        : text_(braces), start_(at), metric_(metric) {}

    std::optional<PromProblem> run() {
        while (!problem_ && skip(" \t\r\n,{}")) one();
        if (!problem_ && metric_.empty() && !chooses_)
            fail("it selects every series there is", "name a metric, or match a label that is not empty");
        return std::move(problem_);
    }

private:
    void fail(std::string message, std::string fix) {
        if (!problem_) problem_ = PromProblem{start_ + at_, std::move(message), std::move(fix)};
    }

    bool skip(std::string_view signs) {
        at_ = std::min(text_.find_first_not_of(signs, at_), text_.size());
        return at_ < text_.size();
    }

    bool in_quotes() const {
        return at_ < text_.size() && std::string_view("\"'`").find(text_[at_]) != std::string_view::npos;
    }

    void one() {
        Matcher matcher;
        if (in_quotes()) {
            matcher.label = text();
        } else {
            const std::size_t end = std::min(text_.find_first_of("=!~,} \t\r\n", at_), text_.size());
            matcher.label = text_.substr(at_, end - at_);
            const bool plain =
                std::ranges::all_of(matcher.label, [](char c) { return ascii::is_alphanumeric(c) || c == '_'; });
            if (!plain || ascii::is_digit(text_[at_]))
                fail("'" + printable(matcher.label).substr(0, 60) + "' is no name of a label",
                     "write it of letters, digits and '_', or in quotes");
            at_ = std::max(end, at_ + 1);
        }
        if (problem_) return;
        skip(" \t\r\n");
        const std::size_t end = std::min(text_.find_first_not_of("=!~", at_), text_.size());
        matcher.sign = text_.substr(at_, end - at_);
        at_ = end;
        if (matcher.sign.empty()) return named(matcher.label);
        skip(" \t\r\n");
        if (!in_quotes()) return;
        matcher.value = text();
        if (!problem_) check(matcher);
    }

    void named(const std::string& metric) {
        if (!metric_.empty())
            return fail("the metric has two names, '" + printable(metric_) + "' and '" + printable(metric) + "'",
                        "keep one of them");
        chooses_ = true;
    }

    void check(const Matcher& matcher) {
        if (matcher.label == "__name__" && !metric_.empty()) return named(matcher.value);
        const bool not_equal = matcher.sign.starts_with('!');
        bool takes_nothing = matcher.value.empty();
        if (matcher.sign.ends_with('~')) {
            std::string why;
            if (!Regex::compile(matcher.value, why))
                return fail(
                    "'" + printable(matcher.value).substr(0, 60) + "' is no regular expression: " + brief(why, 80),
                    "correct it; Prometheus has no (?=...), (?!...) and \\1");
            const auto regex = Regex::compile("^(?s:" + matcher.value + ")$", why);
            takes_nothing = regex && regex->find("", 0);
        }
        chooses_ = chooses_ || takes_nothing == not_equal;
    }

    // The text in quotes, with what its escapes stand for; only "\\d" is a backslash and a d.
    std::string text() {
        const char quote = text_[at_++];
        std::string out;
        for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (text_[at_] == '\\' && quote != '`')
                escape(quote, out);
            else
                out += text_[at_];
        }
        ++at_;
        return out;
    }

    void escape(char quote, std::string& out) {
        constexpr std::string_view letters = "abfnrtv\\", meant = "\a\b\f\n\r\t\v\\";
        const char c = ++at_ < text_.size() ? text_[at_] : '\0';
        if (const std::size_t found = letters.find(c); found != std::string_view::npos) {
            out += meant[found];
        } else if (c == quote) {
            out += c;
        } else if (c == 'x' || c == 'u' || c == 'U' || (c >= '0' && c <= '7')) {
            out += '?';  // a character by its number
            at_ = std::min(at_ + (c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 2), text_.size());
        } else {
            fail(std::string("there is no escape '\\") + printable(std::string(1, c)) + "' in a text",
                 "write two backslashes, or the text in backquotes");
        }
    }

    std::string_view text_;
    std::size_t start_, at_ = 0;
    std::string_view metric_;
    bool chooses_ = false;  // whether a matcher does not take what is empty
    std::optional<PromProblem> problem_;
};

}  // namespace

std::optional<PromProblem> read_matchers(std::string_view braces, std::size_t at, std::string_view metric) {
    return Reader(braces, at, metric).run();
}

}  // namespace ktrain::lint
