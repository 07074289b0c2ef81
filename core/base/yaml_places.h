// Lines and columns of a text, in bytes, from the characters that a YAML parser counts.
#pragma once

#include <cstddef>
#include <string_view>

namespace ktrain::yaml {

// Where something stands: lines from 1, columns in bytes from 1.
struct Mark {
    int line = 0;
    int column = 0;
};

// Answers in constant time for places that come in order: it goes on from the last one, or starts anew.
class Places {
public:
    explicit Places(std::string_view text, Mark first = {1, 1}) : text_(text), first_(first), line_(first.line) {}

    // Of the character with this number, from 0; behind the last one it is the end of the text.
    Mark at(std::size_t character);
    // Of a byte, from 0.
    Mark at_byte(std::size_t offset);

private:
    void advance();
    Mark here() const;

    std::string_view text_;
    std::size_t character_ = 0;
    std::size_t offset_ = 0;      // of that character
    std::size_t line_begin_ = 0;  // offset of the line it is on
    Mark first_;                  // of the text
    int line_;
};

}  // namespace ktrain::yaml
