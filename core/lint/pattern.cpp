// Regular expressions of the syntax RE2, as the API server reads those of schemas, by the library of that name.
#include "core/lint/pattern.h"

#include <re2/re2.h>

namespace ktrain::lint {
namespace {

constexpr int max_memory = 4 << 20;  // in bytes, of one pattern; hostile ones are refused

}  // namespace

struct Patterns::Compiled {
    RE2 engine;
};

Patterns::Patterns() = default;
Patterns::~Patterns() = default;

const Patterns::Compiled& Patterns::compile(std::string_view pattern) {
    auto found = compiled_.find(pattern);
    if (found == compiled_.end()) {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(max_memory);
        auto compiled =
            std::unique_ptr<Compiled>(new Compiled{RE2(re2::StringPiece(pattern.data(), pattern.size()), options)});
        found = compiled_.emplace(pattern, std::move(compiled)).first;
    }
    return *found->second;
}

bool Patterns::is_valid(std::string_view pattern) {
    return compile(pattern).engine.ok();
}

bool Patterns::matches(std::string_view pattern, std::string_view text) {
    const RE2& engine = compile(pattern).engine;
    return !engine.ok() || RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), engine);
}

}  // namespace ktrain::lint
