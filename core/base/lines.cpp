// Cuts texts into lines.
#include "core/base/lines.h"

#include <algorithm>

namespace ktrain {

std::string_view take_line(std::string_view& text) {
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
    auto size = static_cast<std::size_t>(end - text.begin());
    if (size < text.size()) size += text.substr(size).starts_with("\r\n") ? 2 : 1;
    const std::string_view line = text.substr(0, size);
    text.remove_prefix(size);
    return line;
}

std::string_view without_end(std::string_view line) {
    return line.substr(0, line.find_first_of("\r\n"));
}

// Where each `step`-th line begins: those of all would take a fifth of the text's memory.
constexpr std::size_t step = 32;

std::string_view Lines::from(int line) const {
    std::call_once(counted_, [&] {
        std::size_t number = 0;
        for (std::string_view rest = text_; !rest.empty(); take_line(rest))
            if (number++ % step == 0) begins_.push_back(static_cast<std::uint32_t>(text_.size() - rest.size()));
    });
    const std::size_t index = static_cast<std::size_t>(line) - 1;
    if (line < 1 || index / step >= begins_.size()) return "";
    std::string_view rest = text_.substr(begins_[index / step]);
    for (std::size_t i = index % step; i > 0; --i) take_line(rest);
    return rest;
}

std::string_view Lines::line(int line) const {
    return without_end(from(line));
}

}  // namespace ktrain
