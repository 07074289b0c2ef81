// Label selectors, checked before a server is asked: it would refuse each list of a command.
#include "core/kube/selector.h"

#include <fmt/format.h>

#include <string>

#include "core/base/api_names.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

// The grammar and the words of apimachinery 1.36, pkg/labels/selector.go.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) { advance(); }

    // What is wrong, or "".
    std::string problem() {
        while (!at_end()) {
            if (!is_word() && token_ != "!") return expected("!, identifier, or 'end of string'");
            if (std::string found = requirement(); !found.empty()) return "unable to parse requirement: " + found;
            if (at_end()) break;
            if (token_ != ",") return expected("',' or 'end of string'");
            advance();
            if (!is_word() && token_ != "!") return expected("identifier after ','");
        }
        return {};
    }

private:
    bool at_end() const { return token_.empty(); }
    bool is_word() const { return !at_end() && special.find(token_[0]) == std::string_view::npos; }
    std::string expected(std::string_view what) const {
        return fmt::format("found '{}', expected: {}", printable(token_), what);
    }

    void advance() {
        at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
        std::size_t end = std::min(text_.find_first_of(" \t\r\n=!(),<>", at_), text_.size());
        if (end == at_ && end < text_.size()) {
            end = at_ + 1;
            if (end < text_.size() && text_[end] == '=' && (text_[at_] == '=' || text_[at_] == '!')) ++end;
        }
        token_ = text_.substr(at_, end - at_);
        at_ = end;
    }

    std::string requirement() {
        const bool absent = token_ == "!";
        if (absent) advance();
        if (!is_word()) return expected("identifier");
        if (const std::string why = qualified_name_problem(token_); !why.empty())
            return fmt::format("\"{}\" {}", printable(token_), why);
        advance();
        if (absent || at_end() || token_ == ",") return {};
        if (token_ == "in" || token_ == "notin") return set();
        if (token_ != "=" && token_ != "==" && token_ != "!=" && token_ != "<" && token_ != ">")
            return expected("in, notin, =, ==, !=, gt, lt");
        const bool compares = token_ == "<" || token_ == ">";
        advance();
        if (compares) return number();
        return at_end() || token_ == "," ? "" : value();
    }

    std::string set() {
        advance();
        if (token_ != "(") return expected("'('");
        advance();
        while (token_ != ")") {
            if (token_ == ",") {
                advance();
                continue;
            }
            if (!is_word()) return expected("',', or identifier");
            if (std::string found = value(); !found.empty()) return found;
            if (token_ != "," && token_ != ")") return expected("',' or ')'");
        }
        advance();
        return {};
    }

    std::string value() {
        if (!is_word()) return expected("identifier");
        if (const std::string why = label_value_problem(token_); !why.empty())
            return fmt::format("\"{}\" {}", printable(token_), why);
        advance();
        return {};
    }

    // Of what is compared by size.
    std::string number() {
        const std::string_view digits = token_.starts_with('-') || token_.starts_with('+') ? token_.substr(1) : token_;
        if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
            return expected("an integer");
        advance();
        return {};
    }

    static constexpr std::string_view special = "=!(),<>";
    std::string_view text_, token_;
    std::size_t at_ = 0;
};

}  // namespace

void check_selector(std::string_view text) {
    if (const std::string why = Parser(text).problem(); !why.empty())
        throw Error(ErrorKind::usage, fmt::format("the selector \"{}\" is none: {}", brief(text, 100), why), {},
                    "as kubectl has it: team=vision,tier!=test,stage in (a, b)");
}

}  // namespace ktrain::kube
