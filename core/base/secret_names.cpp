// Judges the last words of names; knows how tokens begin.
#include "core/base/secret_names.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "core/base/ascii.h"
#include "core/base/name_words.h"

namespace ktrain {
namespace {

// The last word of a name.
constexpr std::array<std::string_view, 8> endings{"APIKEY", "CREDENTIALS", "KEY",    "PASSPHRASE",
                                                  "PASSWD", "PASSWORD",    "SECRET", "TOKEN"};
static_assert(std::is_sorted(endings.begin(), endings.end()));

// Last words that say so only behind another: DB_PASS, MYSQL_PWD.
constexpr std::array<std::string_view, 2> short_endings{"PASS", "PWD"};

// What the last word may end with, whatever is in front: PGPASSWORD, HFTOKEN.
constexpr std::array<std::string_view, 7> glued_endings{"ACCESSKEY", "APIKEY", "PASSPHRASE", "PASSWD",
                                                        "PASSWORD",  "SECRET", "TOKEN"};
static_assert(std::is_sorted(glued_endings.begin(), glued_endings.end()));

// Words before TOKEN and KEY with which they are no secrets: special tokens of models, keys of data.
constexpr auto harmless = std::to_array<std::string_view>(
    {"ANSWER", "AUTHORIZED", "BACKWARD", "BOS",      "CACHE",  "CHOSEN",    "CLS",     "COLUMN",  "CONFIGMAP",
     "DATA",   "DATASET",    "EOS",      "FILE",     "FIRST",  "FOREIGN",   "FORWARD", "GROUP",   "IDEMPOTENCY",
     "IMAGE",  "INDEX",      "INPUT",    "LABEL",    "LAST",   "MASK",      "MAX",     "MESSAGE", "MESSAGES",
     "METRIC", "NEXT",       "OBJECT",   "OUTPUT",   "PAD",    "PARTITION", "PRIMARY", "PROMPT",  "PUBLIC",
     "QUERY",  "QUESTION",   "REJECTED", "RESPONSE", "REWARD", "ROUTING",   "S3",      "SEP",     "SHARD",
     "SORT",   "SOURCE",     "TAINT",    "TARGET",   "TEXT",   "TOPOLOGY",  "TRACE",   "UNK"});
static_assert(std::is_sorted(harmless.begin(), harmless.end()));

// Words before Key in a name with humps: others are fields of data more often (cacheKey, primaryKey).
constexpr std::array<std::string_view, 8> of_keys{"ACCESS",  "ACCOUNT", "API",    "AUTH",
                                                  "LICENSE", "PRIVATE", "SECRET", "SIGNING"};
static_assert(std::is_sorted(of_keys.begin(), of_keys.end()));

template <std::size_t n>
bool is_in(const std::array<std::string_view, n>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

// How tokens of well-known makers begin, and how many characters follow at least.
struct Shape {
    std::string_view begin;
    std::size_t rest;
    std::string_view maker;
    bool plain = false;  // of letters and digits alone: words in between are a name
};

constexpr std::array shapes{
    Shape{"-----BEGIN ", 40, "a private key"},
    Shape{"AIza", 35, "a Google API key"},
    Shape{"AKIA", 16, "an AWS access key"},
    Shape{"ASIA", 16, "an AWS access key"},
    Shape{"ghp_", 36, "a GitHub token", true},
    Shape{"ghs_", 36, "a GitHub token", true},
    Shape{"github_pat_", 50, "a GitHub token"},
    Shape{"glpat-", 20, "a GitLab token"},
    Shape{"hf_", 30, "a Hugging Face token", true},
    Shape{"nvapi-", 40, "an NVIDIA API key"},
    Shape{"sk-", 32, "an API key", true},
    Shape{"sk-ant-", 32, "an API key"},
    Shape{"sk-proj-", 32, "an API key"},
    Shape{"xoxb-", 30, "a Slack token"},
    Shape{"xoxp-", 30, "a Slack token"},
};

// What tells who comes: between "://" and the last @ in front of the path.
std::string_view user_of_address(std::string_view rest) {
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#& \t\r\n\"'`,;|<>()"));
    const std::size_t at = authority.rfind('@');
    const bool digest = at != std::string_view::npos && authority.substr(at).starts_with("@sha256:");
    return at == std::string_view::npos || digest ? "" : authority.substr(0, at);
}

// Not a variable, and not only what hides one ("***", "xxxx").
bool may_be_password(std::string_view text) {
    constexpr std::size_t least = 3;
    return text.size() >= least && text.find_first_of("${%") == std::string_view::npos &&
           text.find_first_not_of("xX*.") != std::string_view::npos;
}

// A name of letters is a user; digits among many letters are a token.
bool may_be_token(std::string_view text) {
    constexpr std::size_t least = 20;
    return text.size() >= least && may_be_password(text) && std::ranges::any_of(text, ascii::is_digit) &&
           std::ranges::any_of(text, ascii::is_letter) && text.find('.') == std::string_view::npos;
}

bool is_token_character(char c) {
    return ascii::is_alphanumeric(c) || c == '_' || c == '-';
}

std::string_view characters_of_token(std::string_view text, bool plain) {
    const auto end = std::find_if_not(
        text.begin(), text.end(), [&](char c) { return is_token_character(c) && (!plain || (c != '_' && c != '-')); });
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// A header and claims in base64, which both begin with {".
std::string_view web_token_in(std::string_view text) {
    constexpr std::string_view begin = "eyJ";
    constexpr std::size_t least = 15;
    for (std::size_t at = text.find(begin); at != std::string_view::npos;) {
        const std::string_view header = characters_of_token(text.substr(at), false);
        const std::string_view behind = text.substr(at + header.size());
        if (header.size() >= least && behind.starts_with(".eyJ")) {
            const auto end = std::ranges::find_if_not(behind, [](char c) { return is_token_character(c) || c == '.'; });
            return text.substr(at, header.size() + static_cast<std::size_t>(end - behind.begin()));
        }
        at = text.find(begin, at + header.size());  // what begins in between ends there, too
    }
    return "";
}

// The first token of this shape with at least so many characters behind its beginning; all of a private key's first
// line.
std::string_view shaped(std::string_view text, const Shape& shape, std::size_t least) {
    for (std::size_t at = text.find(shape.begin); at != std::string_view::npos; at = text.find(shape.begin, at + 1)) {
        if (at > 0 && is_token_character(text[at - 1])) continue;
        const std::string_view rest = text.substr(at + shape.begin.size());
        if (shape.begin.front() == '-') {
            const std::string_view line = text.substr(at, std::min(text.find('\n', at), text.size()) - at);
            if (line.find("PRIVATE KEY-----") != std::string_view::npos) return line;
            continue;
        }
        const std::string_view token = characters_of_token(rest, shape.plain);
        const std::set<char> different(token.begin(), token.end());
        if (token.size() >= least && different.size() >= 8) return text.substr(at, shape.begin.size() + token.size());
    }
    return "";
}

}  // namespace

bool is_secret_name(std::string_view name) {
    NameWords parts = name_words(name);
    for (std::string& word : parts.words) std::ranges::transform(word, word.begin(), ascii::to_upper);
    const std::string_view last = parts.words.back();
    const std::string_view before = parts.words.size() > 1 ? std::string_view(parts.words[parts.words.size() - 2]) : "";
    if (is_in(harmless, before)) return false;
    if (last == "KEY") return parts.humps ? is_in(of_keys, before) : !before.empty();
    if (is_in(endings, last)) return true;
    if (is_in(short_endings, last)) return !before.empty();
    return std::ranges::any_of(glued_endings, [&](std::string_view ending) {
        return last.ends_with(ending) && !is_in(harmless, last.substr(0, last.size() - ending.size()));
    });
}

std::string_view token_in(std::string_view text) {
    for (const Shape& shape : shapes)
        if (!shaped(text, shape, shape.rest).empty()) return shape.maker;
    return web_token_in(text).empty() ? "" : "a JSON web token";
}

std::string_view token_text_in(std::string_view text) {
    for (const Shape& shape : shapes)
        if (const std::string_view found = shaped(text, shape, shape.rest / 2); !found.empty()) return found;
    return web_token_in(text);
}

std::string_view password_in_address(std::string_view text) {
    constexpr std::string_view begin = "://";
    for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1)) {
        const std::string_view user = user_of_address(text.substr(at + begin.size()));
        const std::size_t colon = user.find(':');
        if (colon == std::string_view::npos) {
            if (may_be_token(user)) return user;
        } else if (may_be_password(user.substr(colon + 1))) {
            return user.substr(colon + 1);
        }
    }
    return "";
}

}  // namespace ktrain
