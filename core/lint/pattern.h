// Regular expressions of the syntax RE2, as the API server reads those of schemas.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace ktrain::lint {

// Compiled patterns, by their text; one that cannot be compiled matches everything.
class Patterns {
public:
    Patterns();
    ~Patterns();
    bool is_valid(std::string_view pattern);
    bool matches(std::string_view pattern, std::string_view text);

private:
    struct Compiled;
    const Compiled& compile(std::string_view pattern);
    std::map<std::string, std::unique_ptr<Compiled>, std::less<>> compiled_;
};

}  // namespace ktrain::lint
