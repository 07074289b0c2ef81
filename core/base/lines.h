// The lines of a text as YAML counts them: LF, CRLF and a CR alone end one.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace ktrain {

// Takes the first line off the text and returns it with its end; "" of an empty text.
std::string_view take_line(std::string_view& text);

// The line without its end.
std::string_view without_end(std::string_view line);

// Finds any line of a text at once. They are counted when the first is asked for; threads may ask together.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {}

    std::string_view text() const { return text_; }
    // The text from a line on, from 1; "" when there is none.
    std::string_view from(int line) const;
    // A line without its end.
    std::string_view line(int line) const;

private:
    std::string_view text_;
    mutable std::once_flag counted_;
    mutable std::vector<std::uint32_t> begins_;
};

}  // namespace ktrain
