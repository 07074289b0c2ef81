// Names of properties as identifiers of the rule language.
#include "core/cel/escape.h"

#include <algorithm>
#include <array>

#include "core/base/ascii.h"

namespace ktrain::cel {
namespace {

constexpr std::array<std::string_view, 21> reserved{
    "as",  "break", "const",     "continue", "else",    "false",  "for",  "function", "if",   "import", "in",
    "let", "loop",  "namespace", "null",     "package", "return", "true", "var",      "void", "while"};
static_assert(std::is_sorted(reserved.begin(), reserved.end()));

struct Escape {
    std::string_view written;
    std::string_view escaped;
};
constexpr std::array<Escape, 4> escapes{
    {{"__", "__underscores__"}, {".", "__dot__"}, {"-", "__dash__"}, {"/", "__slash__"}}};

bool is_word(char c) {
    return ascii::is_alphanumeric(c) || c == '_';
}

// What the word between two pairs of underscores stands for, in an identifier that is longer than it or not.
std::optional<std::string_view> meaning(std::string_view sequence, bool whole) {
    for (const Escape& escape : escapes) {
        if (escape.escaped == sequence) return escape.written;
    }
    const std::string_view word = sequence.substr(2, sequence.size() - 4);
    if (whole && is_reserved(word)) return word;
    return std::nullopt;
}

}  // namespace

bool is_reserved(std::string_view word) {
    return std::binary_search(reserved.begin(), reserved.end(), word);
}

std::optional<std::string> escape(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return std::nullopt;
    if (is_reserved(name)) return "__" + std::string(name) + "__";
    std::string identifier;
    for (std::size_t at = 0; at < name.size();) {
        auto escape = std::find_if(escapes.begin(), escapes.end(),
                                   [&](const Escape& e) { return name.substr(at).starts_with(e.written); });
        if (escape != escapes.end()) {
            identifier += escape->escaped;
            at += escape->written.size();
        } else if (is_word(name[at])) {
            identifier += name[at++];
        } else {
            return std::nullopt;
        }
    }
    return identifier;
}

std::optional<std::string> unescape(std::string_view identifier) {
    std::string name;
    for (std::size_t at = 0; at < identifier.size();) {
        // A sequence is two underscores, something without any, two underscores.
        std::size_t end = identifier.substr(at).starts_with("__") ? identifier.find('_', at + 2) : identifier.npos;
        if (end == identifier.npos || end == at + 2 || !identifier.substr(end).starts_with("__")) {
            name += identifier[at++];
            continue;
        }
        end += 2;
        const auto meant = meaning(identifier.substr(at, end - at), end - at == identifier.size());
        if (!meant) return std::nullopt;
        name += *meant;
        at = end;
    }
    return name;
}

}  // namespace ktrain::cel
