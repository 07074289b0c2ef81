// Matches paths against patterns, with at most one way back for each kind of star.
#include "core/base/glob.h"

#include <cstddef>

namespace ktrain {
namespace {

// "[a-z]" or "[!a-z]" at the front of the pattern. Returns its length, or 0 where the bracket is not closed.
std::size_t bracket(std::string_view pattern, char c, bool& hit) {
    const std::size_t close = pattern.find(']', pattern.size() > 1 && pattern[1] == '!' ? 3 : 2);
    if (close == std::string_view::npos) return 0;
    std::string_view set = pattern.substr(1, close - 1);
    const bool negated = set.starts_with('!');
    if (negated) set.remove_prefix(1);
    hit = false;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (i + 2 < set.size() && set[i + 1] == '-') {
            hit = hit || (set[i] <= c && c <= set[i + 2]);
            i += 2;
        } else {
            hit = hit || set[i] == c;
        }
    }
    hit = hit != negated;
    return close + 1;
}

// One step over what is no star; false where it does not fit.
bool step(std::string_view& pattern, std::string_view& path) {
    if (pattern.empty() || path.empty()) return false;
    std::size_t length = 1;
    bool hit = pattern.front() == path.front();
    if (pattern.front() == '?') hit = path.front() != '/';
    if (pattern.front() == '[') {
        bool inside = false;
        if (const std::size_t size = bracket(pattern, path.front(), inside)) {
            length = size;
            hit = inside && path.front() != '/';
        }
    }
    if (!hit) return false;
    pattern.remove_prefix(length);
    path.remove_prefix(1);
    return true;
}

// Where to go on from when what follows a star does not fit.
struct Retry {
    std::string_view pattern;
    std::string_view path;
    bool set = false;
};

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
    Retry folders;  // "**"
    Retry name;     // "*"
    while (true) {
        if (pattern.starts_with("**")) {
            pattern.remove_prefix(2);
            if (pattern.starts_with('/')) pattern.remove_prefix(1);
            if (pattern.empty()) return true;
            folders = {pattern, path, true};
            name.set = false;
            continue;
        }
        if (pattern.starts_with('*')) {
            pattern.remove_prefix(1);
            name = {pattern, path, true};
            continue;
        }
        if (pattern.empty() && path.empty()) return true;
        if (step(pattern, path)) continue;
        if (name.set && !name.path.empty() && name.path.front() != '/') {
            name.path.remove_prefix(1);
            pattern = name.pattern;
            path = name.path;
            continue;
        }
        name.set = false;
        const std::size_t slash = folders.set ? folders.path.find('/') : std::string_view::npos;
        if (slash == std::string_view::npos) return false;
        folders.path.remove_prefix(slash + 1);
        pattern = folders.pattern;
        path = folders.path;
    }
}

bool is_glob(std::string_view name) {
    return name.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace ktrain
