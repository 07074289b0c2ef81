// Escaping by backslashes, which GitHub's Markdown takes before every punctuation character of ASCII.
#include "cli/term/markdown.h"

#include "core/base/text.h"

namespace ktrain::term {
namespace {

// Only those that can begin something: the text stays readable where it is not rendered.
constexpr std::string_view markup = "\\`*_[]<>|~&$#";

std::string line_of(const std::vector<std::string>& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) line += " " + markdown_text(cell) + " |";
    return line + "\n";
}

}  // namespace

std::string markdown_text(std::string_view text) {
    std::string escaped;
    for (const char letter : printable(text)) {
        if (markup.find(letter) != std::string_view::npos) escaped += '\\';
        escaped += letter;
        // A name behind "@" would call people; a space of no width is not part of any name.
        if (letter == '@') escaped += "\u200b";
    }
    return escaped;
}

std::string markdown_table(const Table& table) {
    std::string text = line_of(table.headers()) + "|";
    for (const Table::Align align : table.alignments()) text += align == Table::Align::right ? "---:|" : "---|";
    text += "\n";
    for (const auto& row : table.rows()) text += line_of(row);
    return text;
}

}  // namespace ktrain::term
