// Maps places inside a text of a manifest to its file.
#include "core/lint/inner_text.h"

#include <algorithm>

namespace ktrain::lint {
namespace {

// Blanks before the first line with text below a line, which has the mark of a block, as far as the source tells.
int indent_below(const Lines& source, int line) {
    for (std::string_view rest = source.from(line + 1); !rest.empty();) {
        const std::string_view below = without_end(take_line(rest));
        const std::size_t text = below.find_first_not_of(' ');
        if (text != std::string_view::npos) return static_cast<int>(text);
    }
    return 0;
}

}  // namespace

InnerText::InnerText(const Object& object, Value value, const Lines& source)
    : value_(value), whole_(locate(object, value).place()) {
    const std::string_view line = source.line(whole_.line);
    const std::string_view mark =
        line.substr(std::min(line.size(), static_cast<std::size_t>(std::max(0, whole_.column - 1))));
    if (mark.starts_with('|')) {
        first_line_ = whole_.line + 1;
        const int below = indent_below(source, whole_.line);
        // With a digit ("|2-") the text itself begins with blanks.
        const std::size_t own = text().find_first_not_of(" \n");
        const std::size_t start = own == std::string_view::npos ? 0 : text().rfind('\n', own);
        const std::size_t blanks = own == std::string_view::npos     ? 0
                                   : start == std::string_view::npos ? own
                                                                     : own - start - 1;
        indent_ = below - static_cast<int>(blanks);
    } else if (text().find('\n') == std::string_view::npos) {
        const bool quoted = mark.starts_with('\'') || mark.starts_with('"');
        const std::string_view inner = mark.substr(quoted ? 1 : 0);
        if (!inner.starts_with(text())) return;  // with escapes, or over several lines
        first_line_ = whole_.line;
        indent_ = whole_.column - 1 + (quoted ? 1 : 0);
    }
}

Place InnerText::place(int line, int column) const {
    Place where = whole_;
    if (first_line_ == 0 || line <= 0) return where;
    where.line = first_line_ + line - 1;
    where.column = indent_ + std::max(1, column);
    return where;
}

Place InnerText::place_of_byte(std::size_t offset) const {
    const std::string_view before = text().substr(0, std::min(offset, text().size()));
    const std::size_t start = before.rfind('\n');
    const auto lines = static_cast<int>(std::ranges::count(before, '\n'));
    return place(lines + 1, static_cast<int>(before.size() - (start == std::string_view::npos ? 0 : start + 1)) + 1);
}

}  // namespace ktrain::lint
