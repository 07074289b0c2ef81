// Regular expressions of the syntax RE2, by the library of that name.
#include "core/base/regex.h"

#include <re2/re2.h>

namespace ktrain {
namespace {

constexpr int max_memory = 4 << 20;  // in bytes, of one pattern; hostile ones are refused

class Re2 : public Regex {
public:
    Re2(std::string_view pattern, const RE2::Options& options)
        : engine_(re2::StringPiece(pattern.data(), pattern.size()), options) {}

    std::optional<Span> find(std::string_view text, std::size_t from) const override {
        const re2::StringPiece subject(text.data(), text.size());
        re2::StringPiece match;
        if (!engine_.Match(subject, from, text.size(), RE2::UNANCHORED, &match, 1)) return std::nullopt;
        return Span{static_cast<std::size_t>(match.data() - text.data()), match.size()};
    }
    std::vector<std::string> groups(std::string_view text) const override {
        std::vector<re2::StringPiece> parts(static_cast<std::size_t>(engine_.NumberOfCapturingGroups()) + 1);
        const re2::StringPiece subject(text.data(), text.size());
        if (!engine_.Match(subject, 0, text.size(), RE2::UNANCHORED, parts.data(), static_cast<int>(parts.size())))
            return {};
        std::vector<std::string> out;
        for (const re2::StringPiece& part : parts)
            out.emplace_back(part.data() == nullptr ? "" : part.data(), part.size());
        return out;
    }
    const RE2& engine() const { return engine_; }

private:
    RE2 engine_;
};

}  // namespace

std::shared_ptr<const Regex> Regex::compile(std::string_view pattern, std::string& problem) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_memory);
    auto regex = std::make_shared<const Re2>(pattern, options);
    if (regex->engine().ok()) return regex;
    problem = regex->engine().error();
    return nullptr;
}

}  // namespace ktrain
