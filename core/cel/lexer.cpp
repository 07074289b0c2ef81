// Cuts the text of a rule into tokens.
#include "core/cel/lexer.h"

#include <algorithm>
#include <charconv>

#include "core/base/ascii.h"
#include "core/base/text.h"

namespace ktrain::cel {
namespace {

using ascii::is_digit;

bool is_letter(char c) {
    return ascii::is_letter(c) || c == '_';
}

// Longer ones first.
constexpr std::array<std::string_view, 26> symbols{"==", "!=", "<=", ">=", "&&", "||", "(", ")", "[",
                                                   "]",  "{",  "}",  ",",  ".",  "?",  ":", "+", "-",
                                                   "*",  "/",  "%",  "<",  ">",  "!",  "^", "~"};

class Lexer {
public:
    explicit Lexer(std::string_view rule) : rule_(rule) {}

    std::variant<std::vector<Lexeme>, Problem> run() {
        while (true) {
            skip_blank();
            if (at_ == rule_.size()) break;
            if (!take()) return problem_;
        }
        lexemes_.push_back({Token::end, {}, static_cast<int>(at_) + 1, {}});
        return std::move(lexemes_);
    }

private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < rule_.size() ? rule_[at_ + ahead] : '\0'; }

    void skip_blank() {
        while (at_ < rule_.size()) {
            if (std::string_view(" \t\n\r\f").find(rule_[at_]) != std::string_view::npos) {
                ++at_;
            } else if (rule_.substr(at_).starts_with("//")) {
                at_ = std::min(rule_.find('\n', at_), rule_.size());
            } else {
                return;
            }
        }
    }

    bool fail(std::string message) {
        problem_ = {std::move(message), static_cast<int>(at_) + 1};
        return false;
    }

    bool add(Token token, std::size_t size, Value value = {}) {
        lexemes_.push_back({token, rule_.substr(at_, size), static_cast<int>(at_) + 1, std::move(value)});
        at_ += size;
        return true;
    }

    // The number of letters in front of a quote: r, b, br or none; npos when it is no string.
    std::size_t prefix() const {
        std::size_t size = peek() == 'b' || peek() == 'B' ? 1 : 0;
        size += peek(size) == 'r' || peek(size) == 'R' ? 1 : 0;
        return peek(size) == '"' || peek(size) == '\'' ? size : std::string_view::npos;
    }

    bool take() {
        if (prefix() != std::string_view::npos) return take_string(prefix());
        if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return take_number();
        if (is_letter(peek())) {
            std::size_t size = 1;
            while (is_letter(peek(size)) || is_digit(peek(size))) ++size;
            return add(Token::name, size);
        }
        for (std::string_view symbol : symbols) {
            if (rule_.substr(at_).starts_with(symbol)) return add(Token::symbol, symbol.size());
        }
        return fail("a character that no rule may have here: " + printable(rule_.substr(at_, 1)));
    }

    bool take_string(std::size_t skip) {
        const bool raw = rule_.substr(at_, skip).find_first_of("rR") != std::string_view::npos;
        const std::string_view rest = rule_.substr(at_ + skip);
        const std::size_t width = rest.starts_with("\"\"\"") || rest.starts_with("'''") ? 3 : 1;
        std::size_t end = width;
        for (; end < rest.size() && rest.substr(end, width) != rest.substr(0, width); ++end) {
            if (width == 1 && (rest[end] == '\n' || rest[end] == '\r'))
                return fail("a string does not end on its line");
            if (rest[end] == '\\' && !raw) ++end;
        }
        if (end + width > rest.size()) return fail("a string does not end");
        auto value = literal_of(rule_.substr(at_, skip + end + width), static_cast<int>(at_) + 1);
        if (auto* wrong = std::get_if<Problem>(&value)) {
            problem_ = std::move(*wrong);
            return false;
        }
        return add(Token::literal, skip + end + width, std::move(std::get<Value>(value)));
    }

    bool take_number() {
        const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
        std::size_t size = hex ? 2 : 0;
        while (is_digit(peek(size)) || (hex && std::isxdigit(static_cast<unsigned char>(peek(size))))) ++size;
        const std::size_t whole = size;
        if (!hex && peek(size) == '.' && is_digit(peek(size + 1))) {
            for (++size; is_digit(peek(size));) ++size;
        }
        if (!hex && (peek(size) == 'e' || peek(size) == 'E')) {
            const std::size_t sign = peek(size + 1) == '+' || peek(size + 1) == '-' ? 2 : 1;
            if (is_digit(peek(size + sign))) {
                for (size += sign; is_digit(peek(size));) ++size;
            }
        }
        return size == whole ? take_integer(size, hex) : take_double(size);
    }

    bool take_integer(std::size_t size, bool hex) {
        const char *first = rule_.data() + at_ + (hex ? 2 : 0), *last = rule_.data() + at_ + size;
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(first, last, number, hex ? 16 : 10);
        if (error != std::errc() || end != last) return fail("a number beyond 64 bits or without digits");
        if (peek(size) == 'u' || peek(size) == 'U') return add(Token::literal, size + 1, number);
        // One more than fits is left to the parser: it may follow a minus.
        if (number > std::uint64_t{1} << 63) return fail("a number beyond 64 bits; an unsigned one ends in u");
        if (number == std::uint64_t{1} << 63) return add(Token::literal, size);
        return add(Token::literal, size, static_cast<std::int64_t>(number));
    }

    bool take_double(std::size_t size) {
        std::string text(rule_.substr(at_, size));
        double number = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) {
            return fail("a number that is too large or too small for a double");
        }
        return add(Token::literal, size, number);
    }

    std::string_view rule_;
    std::size_t at_ = 0;
    std::vector<Lexeme> lexemes_;
    Problem problem_;
};

}  // namespace

std::variant<std::vector<Lexeme>, Problem> tokens_of(std::string_view rule) {
    if (!valid_utf8(rule)) return Problem{"the text is not UTF-8", 1};
    return Lexer(rule).run();
}

}  // namespace ktrain::cel
