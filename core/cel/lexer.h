// Cuts the text of a rule into tokens, with the values of its literals.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/cel/value.h"

namespace ktrain::cel {

// What is wrong with the text of a rule.
struct Problem {
    std::string message;
    int column = 0;  // in bytes, from 1
};

enum class Token { end, name, literal, symbol };

struct Lexeme {
    Token token = Token::end;
    std::string_view text;  // as written
    int column = 0;
    Value value;  // of a literal
};

// The tokens, the last of which is Token::end, or the first problem. The texts point into `rule`.
std::variant<std::vector<Lexeme>, Problem> tokens_of(std::string_view rule);

// The value of a string or bytes literal as it is written, prefixes and quotes included.
std::variant<Value, Problem> literal_of(std::string_view written, int column);

}  // namespace ktrain::cel
