// Escaping by character references, and by \u in JSON.
#include "cli/term/html.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace ktrain::term {
namespace {

std::string cell(const char* tag, const char* more, Table::Align align, const std::string& inside) {
    return fmt::format("<{0}{1}{2}>{3}</{0}>", tag, more, align == Table::Align::right ? " class=\"number\"" : "",
                       inside);
}

}  // namespace

std::string html_text(std::string_view text) {
    std::string escaped;
    for (const char letter : printable(text)) {
        switch (letter) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += letter;
        }
    }
    return escaped;
}

std::string html_rows(const Table& table, const std::vector<std::string>& before_first) {
    std::string text;
    for (std::size_t row = 0; row < table.rows().size(); ++row) {
        text += text.empty() ? "<tr>" : "\n<tr>";
        for (std::size_t column = 0; column < table.headers().size(); ++column) {
            const std::string before = column == 0 && row < before_first.size() ? before_first[row] : "";
            text += cell("td", "", table.alignments()[column], before + html_text(table.rows()[row][column]));
        }
        text += "</tr>";
    }
    return text;
}

std::string html_table(const Table& table) {
    std::string headers;
    for (std::size_t column = 0; column < table.headers().size(); ++column)
        headers += cell("th", " scope=\"col\"", table.alignments()[column], html_text(table.headers()[column]));
    return fmt::format("<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>", headers,
                       html_rows(table));
}

std::string html_json(const Json& value) {
    std::string escaped;
    // In JSON these three stand in texts alone, where \u means the same.
    for (const char letter : value.dump(-1, ' ', false, Json::error_handler_t::replace)) {
        if (letter == '<' || letter == '>' || letter == '&')
            escaped += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
        else
            escaped += letter;
    }
    return escaped;
}

}  // namespace ktrain::term
