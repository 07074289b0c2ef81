// Takes names apart at underscores, dashes, dots and humps.
#include "core/base/name_words.h"

#include "core/base/ascii.h"

namespace ktrain {

NameWords name_words(std::string_view name) {
    NameWords found{std::vector<std::string>(1), false};
    std::vector<std::string>& words = found.words;
    bool behind_small = false;   // a small letter or a digit
    bool behind_letter = false;  // a small letter: K8S has no humps
    for (const char c : name) {
        const bool joint = c == '_' || c == '-' || c == '.';
        const bool hump = ascii::is_upper(c) && behind_small;
        found.humps = found.humps || (hump && behind_letter);
        if ((hump || joint) && !words.back().empty()) words.emplace_back();
        if (!joint) words.back() += ascii::to_lower(c);
        behind_small = !joint && !ascii::is_upper(c);
        behind_letter = ascii::is_lower(c);
    }
    if (words.size() > 1 && words.back().empty()) words.pop_back();
    return found;
}

}  // namespace ktrain
