// A cache of regular expressions.
#include "core/lint/pattern.h"

#include <mutex>

namespace ktrain::lint {

bool Patterns::matches(std::string_view pattern, std::string_view text) {
    std::shared_ptr<const Regex> regex;
    {
        const std::shared_lock lock(guard_);
        const auto found = compiled_.find(pattern);
        if (found != compiled_.end()) {
            if (found->second == nullptr) return true;
            regex = found->second;
        }
    }
    if (regex == nullptr) {
        std::string problem;
        regex = Regex::compile(pattern, problem);
        const std::unique_lock lock(guard_);
        compiled_.emplace(pattern, regex);
        if (regex == nullptr) return true;
    }
    return regex->find(text, 0).has_value();
}

}  // namespace ktrain::lint
