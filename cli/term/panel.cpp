// Drawing in place by the cursor movements that every terminal since the VT100 knows.
#include "cli/term/panel.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/term/output.h"

namespace ktrain::term {

Panel::~Panel() {
    try {
        clear();
    } catch (...) {  // stderr is gone; the work is not
    }
}

bool Panel::usable() const {
    return !session_.quiet && session_.err_redraws() && session_.err.width() >= min_width;
}

bool Panel::due(std::size_t lines) const {
    return lines > widths_.size() || session_.clock.steady() - drawn_ >= std::chrono::milliseconds(100);
}

// To the beginning of the first line, and everything from there on away. A terminal that was made narrower since has
// broken the lines: they take more rows than they are.
std::string Panel::erasure() const {
    if (widths_.empty()) return "";
    const auto width = static_cast<std::size_t>(std::max(1, session_.err.width()));
    std::size_t rows = 0;
    for (const std::size_t line : widths_) rows += std::max<std::size_t>(1, (line + width - 1) / width);
    return rows > 1 ? fmt::format("\r\x1b[{}A\x1b[J", rows - 1) : "\r\x1b[J";
}

void Panel::show(const std::vector<std::string>& lines) {
    std::string text = erasure();
    widths_.clear();
    for (const auto& line : lines) {
        if (!widths_.empty()) text += "\n";
        text += line;
        widths_.push_back(display_width(line));
    }
    session_.err.write(text);
    drawn_ = session_.clock.steady();
}

void Panel::clear() {
    if (widths_.empty()) return;
    const std::string text = erasure();
    widths_.clear();
    session_.err.write(text);
}

}  // namespace ktrain::term
