// Nearest word, joining and splitting, cleaning of hostile text.
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/base/ascii.h"
#include "core/base/name_words.h"

namespace ktrain {
namespace {

// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost 1 each.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0u);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = a[i - 1] == b[j - 1];
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

bool same_letters(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, ascii::to_lower, ascii::to_lower);
}

// Whether a word of a name denies: "not", and "unsuspend" beside "suspend".
bool denies(const std::string& word, const std::vector<std::string>& others) {
    constexpr std::array<std::string_view, 13> denials{"deny",   "disable", "disabled", "disallow", "dont",
                                                       "forbid", "no",      "non",      "not",      "off",
                                                       "skip",   "stop",    "without"};
    static_assert(std::ranges::is_sorted(denials));
    constexpr std::array<std::string_view, 5> prefixes{"dis", "no", "non", "not", "un"};
    // "disabl" is "disable", and denies as much.
    const auto is_typo = [&](const std::string& other) { return word.size() > 2 && distance(word, other) == 1; };
    if (std::ranges::binary_search(denials, std::string_view(word))) return std::ranges::none_of(others, is_typo);
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) {
        return word.starts_with(prefix) && std::ranges::find(others, word.substr(prefix.size())) != others.end();
    });
}

// Whether one name denies what the other says, or says another of a few contraries: that is no typo.
bool are_contrary(std::string_view a, std::string_view b) {
    constexpr std::array<std::array<std::string_view, 2>, 4> contraries{
        {{"many", "once"}, {"max", "min"}, {"only", "write"}, {"less", "more"}}};
    const std::vector<std::string> first = name_words(a).words, second = name_words(b).words;
    const auto denials = [](const auto& words, const auto& others) {
        return std::ranges::count_if(words, [&](const std::string& word) { return denies(word, others); });
    };
    if (denials(first, second) % 2 != denials(second, first) % 2) return true;
    const auto has = [](const auto& words, std::string_view word) {
        return std::ranges::find(words, word) != words.end();
    };
    return std::ranges::any_of(contraries, [&](const auto& pair) {
        return (has(first, pair[0]) && has(second, pair[1]) && !has(first, pair[1])) ||
               (has(first, pair[1]) && has(second, pair[0]) && !has(first, pair[0]));
    });
}

template <class Candidates>
std::string nearest_of(std::string_view word, const Candidates& candidates) {
    if (word.size() > 64) return "";
    for (std::string_view candidate : candidates)
        if (same_letters(word, candidate)) return std::string(candidate);
    // Somebody who stops early ("a100") means a longer word, not a similar shorter one ("a10").
    for (std::string_view candidate : candidates)
        if (word.size() >= 3 && candidate.starts_with(word) && !are_contrary(word, candidate))
            return std::string(candidate);
    std::string best;
    // A third of the letters may be wrong, at least one: "lr" must not become "r".
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (std::string_view candidate : candidates) {
        if (candidate.size() > 64) continue;
        const std::size_t d = distance(word, candidate);
        if (d < best_distance && !are_contrary(word, candidate)) {
            best_distance = d;
            best = candidate;
        }
    }
    return best_distance < word.size() ? best : "";
}

// The length of the valid UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 && lead <= 0xF4  ? 4
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                                                             : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
    return nearest_of(word, candidates);
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    return nearest_of(word, candidates);
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += separator;
        text += words[i];
    }
    return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t start = 0;;) {
        const std::size_t end = text.find(separator, start);
        parts.emplace_back(text.substr(start, end == std::string_view::npos ? end : end - start));
        if (end == std::string_view::npos) return parts;
        start = end + 1;
    }
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

namespace {

// Characters that show nothing, or turn the direction of what is beside them: a name may look like another with them.
bool is_unseen(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) return true;
    if (!text.starts_with("\xE2\x80") && !text.starts_with("\xE2\x81")) return false;
    const bool low = text[1] == '\x80';
    const auto last = text.size() > 2 ? static_cast<unsigned char>(text[2]) : 0;
    if (low) return (last >= 0x8B && last <= 0x8F) || (last >= 0xA8 && last <= 0xAE);  // U+200B to 200F, 2028 to 202E
    return last >= 0xA0 && last <= 0xAF;                                               // U+2060 to 206F
}

}  // namespace

std::string printable(std::string_view text, bool multiline) {
    std::string clean;
    clean.reserve(text.size());
    const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F; };
    while (!text.empty()) {
        const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        clean.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const std::size_t length = utf8_length(text);
        const auto c = static_cast<unsigned char>(text[0]);
        const bool control = length == 1 && (c < 0x20 || c == 0x7F) && !(multiline && (c == '\n' || c == '\t'));
        const bool c1 = length == 2 && c == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
        if (length == 0 || control || c1 || is_unseen(text)) {
            clean += "\uFFFD";
        } else {
            clean.append(text.substr(0, length));
        }
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return clean;
}

std::string brief(std::string_view text, std::size_t most) {
    const std::string whole = printable(text.substr(0, 4 * most + 4));  // bytes of one character more than fit
    std::size_t end = 0, characters = 0, last = 0;
    while (end < whole.size()) {
        if (++characters == most) last = end;  // gives way to the "…"
        end += utf8_length(std::string_view(whole).substr(end));
    }
    return characters <= most ? whole : whole.substr(0, last) + "…";
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace ktrain
