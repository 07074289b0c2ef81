// Reads Warning headers as RFC 7234 writes them: code, agent, quoted text, perhaps a quoted date; then a comma.
#include "core/kube/warning.h"

#include <algorithm>

#include "core/base/masking.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

constexpr std::size_t longest_text = 1000;  // of characters; an API server cuts its own at 256 bytes

// The word at the beginning of `rest`, which goes on behind it.
std::string_view take_word(std::string_view& rest) {
    rest = trim(rest);
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    return word;
}

// The quoted string there, empty where there is none; one that is cut off goes to the end.
std::string take_quoted(std::string_view& rest) {
    rest = trim(rest);
    std::string out;
    if (!rest.starts_with('"')) return out;
    std::size_t at = 1;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
        if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
        out += rest[at];
    }
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return out;
}

}  // namespace

std::vector<std::string> warnings_of(const HttpReply& reply) {
    std::vector<std::string> out;
    for (const auto& [name, value] : reply.headers) {
        std::string_view rest = name == "warning" ? std::string_view(value) : "";
        while (!rest.empty()) {
            const std::string_view code = take_word(rest);
            take_word(rest);  // who says it
            const std::string text = take_quoted(rest);
            take_quoted(rest);  // when
            if (code == "299" && !text.empty()) out.push_back(brief(without_secrets(text), longest_text));
            rest = trim(rest);
            if (!rest.starts_with(',')) break;
            rest.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace ktrain::kube
