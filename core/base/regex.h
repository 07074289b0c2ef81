// Regular expressions of the syntax RE2, which takes time linear in the text whatever the pattern.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ktrain {

// Where a match is: offset and size in bytes.
struct Span {
    std::size_t at = 0, size = 0;
};

class Regex {
public:
    // Why a pattern is none is left in `problem`, and null returned.
    static std::shared_ptr<const Regex> compile(std::string_view pattern, std::string& problem);
    virtual ~Regex() = default;

    // The leftmost match that begins at `from` or later.
    virtual std::optional<Span> find(std::string_view text, std::size_t from) const = 0;
    // The leftmost match and its groups, those that took no part empty; nothing when there is no match.
    virtual std::vector<std::string> groups(std::string_view text) const = 0;
};

}  // namespace ktrain
