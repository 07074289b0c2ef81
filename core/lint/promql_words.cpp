// Cuts expressions of Prometheus into words. Source: prometheus promql/parser/lex.go.
#include "core/lint/promql_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "core/base/ascii.h"
#include "core/base/go_number.h"

namespace ktrain::lint {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool in_name(char c) {
    return ascii::is_alphanumeric(c) || c == '_' || c == ':';
}

bool is_hex(std::string_view text) {
    return text.starts_with("0x") || text.starts_with("0X");
}

bool begins_number(char c) {
    return ascii::is_digit(c) || c == '.';
}

// A number alone: "300", "1e3", "0x10".
std::optional<double> seconds_of_number(std::string_view text) {
    const bool hex = is_hex(text);
    if (hex ? !is_go_integer(text) : !is_go_float(text)) return std::nullopt;
    std::string digits(text.substr(hex ? 2 : 0));
    std::erase(digits, '_');
    double seconds = 0;
    const auto format = hex ? std::chars_format::hex : std::chars_format::general;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds, format);
    if (error == std::errc::result_out_of_range) return std::nullopt;
    return end == digits.data() + digits.size() ? std::optional(seconds) : std::nullopt;
}

std::optional<double> seconds_of_units(std::string_view text) {
    struct Unit {
        std::string_view name;
        double seconds;
    };
    constexpr double day = 86400;
    constexpr std::array units{Unit{"y", 365 * day}, Unit{"w", 7 * day}, Unit{"d", day},   Unit{"h", 3600},
                               Unit{"m", 60},        Unit{"s", 1},       Unit{"ms", 0.001}};
    std::size_t next = 0;
    double seconds = 0;
    while (!text.empty()) {
        double number = 0;
        const std::size_t size = text.find_first_not_of("0123456789");
        if (size == 0 || size == std::string_view::npos) return std::nullopt;
        std::from_chars(text.data(), text.data() + size, number);
        text.remove_prefix(size);
        const std::string_view unit = text.substr(0, text.find_first_of("0123456789"));
        const auto found =
            std::ranges::find(units.begin() + static_cast<std::ptrdiff_t>(next), units.end(), unit, &Unit::name);
        if (found == units.end()) return std::nullopt;
        next = static_cast<std::size_t>(found - units.begin()) + 1;
        seconds += number * found->seconds;
        text.remove_prefix(unit.size());
    }
    return next > 0 ? std::optional(seconds) : std::nullopt;
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
    if (promql_seconds(text)) return true;
    return is_hex(text) ? is_go_integer(text) : is_go_float(text);
}

std::optional<double> promql_seconds(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const std::optional<double> plain = seconds_of_number(text);
    const std::optional<double> seconds = plain ? plain : seconds_of_units(text);
    constexpr double most = 9223372036;  // nanoseconds of 64 bits
    if (!seconds || !(*seconds <= most)) return std::nullopt;
    return negative ? -*seconds : *seconds;
}

}  // namespace ktrain::lint
