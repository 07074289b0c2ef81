// A cache of regular expressions.
#include "core/lint/pattern.h"

namespace ktrain::lint {

bool Patterns::matches(std::string_view pattern, std::string_view text) {
    auto found = compiled_.find(pattern);
    if (found == compiled_.end()) {
        std::string problem;
        found = compiled_.emplace(pattern, Regex::compile(pattern, problem)).first;
    }
    return found->second == nullptr || found->second->find(text, 0);
}

}  // namespace ktrain::lint
