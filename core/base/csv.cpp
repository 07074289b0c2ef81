// Parsing of RFC 4180 tables.
#include "core/base/csv.h"

#include "core/base/error.h"

namespace ktrain {

std::vector<std::string> read_csv_record(std::string_view text, std::size_t& at, int& line, const std::string& file,
                                         char separator) {
    std::vector<std::string> cells(1);
    const int first_line = line;
    bool quoted = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n') ++line;
        if (quoted) {
            if (c != '"') {
                cells.back() += c;
            } else if (at + 1 < text.size() && text[at + 1] == '"') {
                cells.back() += '"';
                ++at;
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == separator) {
            cells.emplace_back();
        } else if (c == '\n') {
            ++at;
            return cells;
        } else if (c != '\r') {
            cells.back() += c;
        }
    }
    if (quoted) throw Error(ErrorKind::input, "a quoted cell is never closed", {file, first_line, 0, ""});
    return cells;
}

Csv::Csv(std::string_view text, const std::string& file) {
    std::size_t at = 0;
    int line = 1;
    const auto header = read_csv_record(text, at, line, file);
    for (std::size_t i = 0; i < header.size(); ++i) columns_[header[i]] = i;
    while (at < text.size()) {
        const int row_line = line;
        auto cells = read_csv_record(text, at, line, file);
        if (cells.size() == 1 && cells[0].empty()) continue;
        if (cells.size() != header.size())
            throw Error(
                ErrorKind::input,
                "the row has " + std::to_string(cells.size()) + " cells, the header " + std::to_string(header.size()),
                {file, row_line, 0, ""});
        rows_.push_back(std::move(cells));
        lines_.push_back(row_line);
    }
}

const std::string& Csv::cell(std::size_t row, std::string_view column) const {
    const auto found = columns_.find(column);
    if (found == columns_.end()) throw Error(ErrorKind::bug, "no column " + std::string(column));
    return rows_.at(row)[found->second];
}

bool Csv::has(std::string_view column) const {
    return columns_.find(column) != columns_.end();
}

}  // namespace ktrain
