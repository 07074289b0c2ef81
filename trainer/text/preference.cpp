// Compares texts by characters and conversations by messages.
#include "trainer/text/preference.h"

#include <algorithm>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

// Where the two begin to differ, but before their last item.
template <typename Items>
std::ptrdiff_t common(const Items& a, const Items& b) {
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
    return std::min(differ, static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())) - 1);
}

bool inside_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

Preference split_preference(const Json& chosen, const Json& rejected) {
    const bool texts = chosen.is_string() && rejected.is_string();
    const bool lists = chosen.is_array() && rejected.is_array();
    if (!(texts || lists) || chosen.empty() || rejected.empty() || chosen == "" || rejected == "")
        throw Error(ErrorKind::input, "chosen and rejected must be two texts or two lists of messages", {},
                    "give both the same shape, with something in each");
    if (lists) {
        const auto at = common(chosen, rejected);
        return {Json(chosen.begin(), chosen.begin() + at), Json(chosen.begin() + at, chosen.end()),
                Json(rejected.begin() + at, rejected.end())};
    }
    const std::string a = chosen, b = rejected;
    auto at = static_cast<std::size_t>(common(a, b));
    while (at > 0 && inside_character(a[at])) --at;
    if (at > 0 && a[at - 1] == ' ') --at;
    return {a.substr(0, at), a.substr(at), b.substr(at)};
}

}  // namespace ktrain::trainer
