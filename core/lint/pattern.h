// The patterns of schemas, each compiled once.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "core/base/regex.h"

namespace ktrain::lint {

// Several threads may ask at the same time.
class Patterns {
public:
    // Whether the pattern is found in the text; one that cannot be compiled is found in every text.
    bool matches(std::string_view pattern, std::string_view text);

private:
    std::shared_mutex guard_;
    std::map<std::string, std::shared_ptr<const Regex>, std::less<>> compiled_;
};

}  // namespace ktrain::lint
