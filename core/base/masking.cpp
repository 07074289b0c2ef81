// Finds the values of secret names in a text, and what is known by how it looks.
#include "core/base/masking.h"

#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "core/base/secret_names.h"

namespace ktrain {
namespace {

constexpr std::string_view hidden = "***";
constexpr std::string_view quotes = "\"'";
constexpr std::string_view ends_value = " \t\r\n\"',;&}])";
constexpr std::size_t least_scheme_value = 8;  // "Basic usage" is none

bool is_name_character(char c) {
    return ascii::is_alphanumeric(c) || c == '_' || c == '-';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Where a value begins and ends.
struct Extent {
    std::size_t begin = 0, end = 0;
    explicit operator bool() const { return end > begin; }
};

// The value that begins at `at`, in quotes or up to what ends a word.
Extent value_at(std::string_view text, std::size_t at) {
    if (at < text.size() && quotes.find(text[at]) != std::string_view::npos) {
        const std::size_t end = text.find(text[at], at + 1);
        if (end != std::string_view::npos) return {at + 1, end};
        ++at;
    }
    return {at, std::min(text.find_first_of(ends_value, at), text.size())};
}

std::size_t past_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && is_blank(text[at])) ++at;
    return at;
}

std::size_t past_quote(std::string_view text, std::size_t at) {
    return at < text.size() && quotes.find(text[at]) != std::string_view::npos ? at + 1 : at;
}

// A path of a field in what a server says ("spec.env[0].token: Required value") names no value.
bool is_in_path(std::string_view text, std::size_t begin) {
    std::size_t from = begin;
    while (from > 0 && (is_name_character(text[from - 1]) || text[from - 1] == '.' || text[from - 1] == ']' ||
                        text[from - 1] == '['))
        --from;
    const std::string_view path = text.substr(from, begin - from);
    return path.starts_with("spec.") || path.find(']') != std::string_view::npos;
}

// HF_TOKEN, as programs of the environment are named.
bool is_variable(std::string_view name) {
    return name.find('_') != std::string_view::npos && std::ranges::none_of(name, ascii::is_lower);
}

// "HF_TOKEN hunter2hunter2", in a list of variables; not "HF_TOKEN is not set".
Extent word_that_may_be_secret(std::string_view text, std::size_t at) {
    constexpr std::size_t least = 8;
    const Extent value = value_at(text, past_blanks(text, at));
    const std::string_view word = text.substr(value.begin, value.end - value.begin);
    return value.begin > at && word.size() >= least && std::ranges::any_of(word, ascii::is_digit) ? value : Extent{};
}

bool ends_as_password(std::string_view name) {
    constexpr std::array<std::string_view, 5> endings{"password", "passwd", "passphrase", "pwd", "pass"};
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), ascii::to_lower);
    return std::ranges::any_of(endings, [&](std::string_view ending) { return lower.ends_with(ending); });
}

// "incorrect", "expired", "required": what is said of a password, and not what it is.
bool is_state(std::string_view word) {
    constexpr std::array<std::string_view, 3> states{"incorrect", "mandatory", "necessary"};
    return std::ranges::find(states, word) != states.end() ||
           (word.ends_with("ed") && std::ranges::all_of(word, ascii::is_lower));
}

// "password is hunter2hunter2", "the password was ..."; and "pwd=", which is mostly a folder.
Extent told_password(std::string_view text, std::size_t begin, std::size_t end) {
    const std::string_view name = text.substr(begin, end - begin), behind = text.substr(end);
    if (!ends_as_password(name)) return {};
    std::size_t from = end;
    for (const std::string_view verb : {" is ", " was "})
        if (behind.starts_with(verb)) from = end + verb.size();
    if (name.size() == 3 && behind.starts_with('=')) from = end + 1;
    const Extent value = from == end ? Extent{} : value_at(text, past_blanks(text, from));
    const std::string_view word = text.substr(value.begin, value.end - value.begin);
    constexpr std::size_t least = 8;
    const bool likely = word.size() >= least || std::ranges::any_of(word, ascii::is_digit);
    return likely && !word.starts_with('/') && !is_state(word) ? value : Extent{};
}

// How errors begin.
bool begins_error(std::string_view word) {
    constexpr std::array<std::string_view, 17> words{
        "authentication", "cannot",    "denied",       "error",      "expired", "failed",
        "failure",        "forbidden", "invalid",      "missing",    "no",      "not",
        "rejected",       "unable",    "unauthorized", "unexpected", "unknown"};
    static_assert(std::ranges::is_sorted(words));
    std::string lower(word);
    std::ranges::transform(lower, lower.begin(), ascii::to_lower);
    return std::ranges::binary_search(words, lower);
}

// What stands behind "token: " and is the beginning of an error that goes on: "unexpected status from", "401
// Unauthorized", "unauthorized: access denied". A password may be such a word, but not with a colon behind it.
bool is_message(std::string_view text, std::string_view name, const Extent& value) {
    constexpr std::size_t of_status = 3;
    std::string_view word = text.substr(value.begin, value.end - value.begin);
    const std::size_t next = past_blanks(text, value.end);
    if (!is_blank(text[value.begin - 1]) || next == value.end || next >= text.size() || !ascii::is_letter(text[next]))
        return false;
    const bool part = word.ends_with(':');
    if (part) word.remove_suffix(1);
    if (word.empty() || (ends_as_password(name) && !part)) return false;
    const bool status =
        word.size() == of_status && (word[0] == '4' || word[0] == '5') && std::ranges::all_of(word, ascii::is_digit);
    return begins_error(word) || status;
}

// What belongs to the name in [begin, end): "name=value", "name: value", "--name value", "'--name', 'value'".
Extent value_of(std::string_view text, std::size_t begin, std::size_t end) {
    const std::size_t behind = past_quote(text, end);
    if (behind < text.size() && text[behind] == ':' && !is_in_path(text, begin)) {
        const std::string_view name = text.substr(begin, end - begin);
        const Extent value = value_at(text, past_blanks(text, behind + 1));
        return value && !is_variable(name) && is_message(text, name, value) ? Extent{} : value;
    }
    const std::size_t sign = past_blanks(text, behind);
    if (sign < text.size() && text[sign] == '=') return value_at(text, past_blanks(text, sign + 1));
    if (is_variable(text.substr(begin, end - begin))) return word_that_may_be_secret(text, end);
    if (text[begin] != '-' || behind >= text.size()) return {};
    const std::size_t comma = text[behind] == ',' ? behind + 1 : behind;
    const std::size_t next = past_blanks(text, comma);
    if (next == behind || next >= text.size() || text[next] == '-') return {};
    return value_at(text, next);
}

bool is_scheme(std::string_view word) {
    constexpr std::array<std::string_view, 2> schemes{"basic", "bearer"};
    return std::ranges::any_of(schemes, [&](std::string_view scheme) {
        return std::ranges::equal(word, scheme, [](char a, char b) { return ascii::to_lower(a) == b; });
    });
}

// Behind the word at [begin, end), if it announces a secret. "key" alone is a field of the API.
Extent announced(std::string_view text, std::size_t begin, std::size_t end) {
    const std::string_view word = text.substr(begin, end - begin);
    if (is_scheme(word)) {
        const Extent value = value_at(text, past_blanks(text, end));
        return value.end >= value.begin + least_scheme_value ? value : Extent{};
    }
    if (const Extent told = told_password(text, begin, end)) return told;
    if (word == "key" || !is_secret_name(word)) return {};
    const Extent value = value_of(text, begin, end);
    // "Authorization-Token: Bearer ..." hides what follows the scheme.
    return value && is_scheme(text.substr(value.begin, value.end - value.begin)) ? Extent{} : value;
}

std::string without_named(std::string_view text) {
    std::string out;
    std::size_t kept = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_name_character(text[at])) {
            ++at;
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && is_name_character(text[at])) ++at;
        const Extent value = announced(text, begin, at);
        if (!value) continue;
        out.append(text.substr(kept, value.begin - kept)).append(hidden);
        kept = at = value.end;
    }
    return out.append(text.substr(kept));
}

void replace_part(std::string& text, std::string_view part) {
    text.replace(static_cast<std::size_t>(part.data() - text.data()), part.size(), hidden);
}

}  // namespace

std::string without_secrets(std::string_view text) {
    std::string out = without_named(text);
    for (std::string_view part = password_in_address(out); !part.empty(); part = password_in_address(out))
        replace_part(out, part);
    for (std::string_view part = token_text_in(out); !part.empty(); part = token_text_in(out)) replace_part(out, part);
    return out;
}

}  // namespace ktrain
