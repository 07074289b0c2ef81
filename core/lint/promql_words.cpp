// Cuts expressions of Prometheus into words. Source: prometheus promql/parser/lex.go.
#include "core/lint/promql_words.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/ascii.h"

namespace ktrain::lint {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool in_name(char c) {
    return ascii::is_alphanumeric(c) || c == '_' || c == ':';
}

bool begins_number(char c) {
    return ascii::is_digit(c) || c == '.';
}

}  // namespace

void PromWords::next() {
    while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == '#')) {
        if (text_[at_] == '#')
            at_ = std::min(text_.find('\n', at_), text_.size());
        else
            ++at_;
    }
    begin_ = at_;
    if (at_ >= text_.size()) {
        word_ = {};
        return;
    }
    const char c = text_[at_];
    if (begins_number(c)) {
        while (at_ < text_.size() && (in_name(text_[at_]) || text_[at_] == '.' || is_exponent())) ++at_;
    } else if (in_name(c)) {
        while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    } else if (c == '"' || c == '\'' || c == '`') {
        skip_text();
    } else if (c == '{' || c == '[') {
        skip_brackets(c == '{' ? '}' : ']');
    } else {
        const bool two =
            at_ + 1 < text_.size() && text_[at_ + 1] == '=' && (c == '!' || c == '<' || c == '=' || c == '>');
        at_ += two ? 2 : 1;
    }
    word_ = text_.substr(begin_, at_ - begin_);
}

void PromWords::stop() {
    word_ = {};
    at_ = text_.size();
}

// The sign in 1e-5.
bool PromWords::is_exponent() const {
    const char c = text_[at_];
    const char e = text_[at_ - 1];
    return (c == '-' || c == '+') && (e == 'e' || e == 'E') && text_.substr(begin_, 2) != "0x";
}

void PromWords::skip_text() {
    const char quote = text_[at_];
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_)
        if (text_[at_] == '\\' && quote != '`') ++at_;
    at_ = std::min(at_ + 1, text_.size());
}

void PromWords::skip_brackets(char end) {
    for (++at_; at_ < text_.size() && text_[at_] != end;) {
        const char c = text_[at_];
        if (c == '"' || c == '\'' || c == '`')
            skip_text();
        else
            ++at_;
    }
    at_ = std::min(at_ + 1, text_.size());
}

bool PromWords::take(std::string_view word) {
    if (!is(word)) return false;
    next();
    return true;
}

std::string PromWords::lowered() const {
    std::string word(word_);
    std::ranges::transform(word, word.begin(), ascii::to_lower);
    return word;
}

bool PromWords::is_name() const {
    return !word_.empty() && in_name(word_[0]) && !is_number();
}

bool PromWords::is_number() const {
    return !word_.empty() && begins_number(word_[0]);
}

bool is_promql_number(std::string_view text) {
    if (is_promql_duration(text)) return true;
    std::string digits(text);
    std::erase(digits, '_');
    const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
    const std::string_view rest = std::string_view(digits).substr(hex ? 2 : 0);
    double value = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), value,
                                                hex ? std::chars_format::hex : std::chars_format::general);
    return end == rest.data() + rest.size() && problem != std::errc::invalid_argument;
}

bool is_promql_duration(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    double seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem == std::errc() && end == text.data() + text.size()) return true;
    constexpr std::array<std::string_view, 7> units{"y", "w", "d", "h", "m", "s", "ms"};
    std::size_t next = 0;
    while (!text.empty()) {
        const std::size_t number = text.find_first_not_of("0123456789");
        if (number == 0 || number == std::string_view::npos) return false;
        text.remove_prefix(number);
        const std::string_view unit = text.substr(0, text.find_first_of("0123456789"));
        const auto found = std::find(units.begin() + static_cast<std::ptrdiff_t>(next), units.end(), unit);
        if (found == units.end()) return false;
        next = static_cast<std::size_t>(found - units.begin()) + 1;
        text.remove_prefix(unit.size());
    }
    return next > 0;
}

}  // namespace ktrain::lint
