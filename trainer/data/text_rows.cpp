// How the rows of each text format are found and read.
#include "trainer/data/text_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <utility>

#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/data/mapped_file.h"

namespace ktrain::trainer {
namespace {

constexpr std::string_view blank = " \t\r\n", byte_order_mark = "\xEF\xBB\xBF";

struct Span {
    std::uint64_t begin;
    std::uint32_t length, line;
};

// A text with the rows found in it.
struct Table {
    std::string_view text;
    std::string file;
    std::vector<Span> rows;
    std::vector<std::string> columns = {};  // of CSV
    std::size_t counted = 0;                // up to here lines are counted
    std::uint32_t line = 1;                 // there

    std::string_view row(std::uint64_t index) const { return text.substr(rows[index].begin, rows[index].length); }
    Place place(std::uint64_t index) const {
        return {file, static_cast<int>(std::min<std::uint32_t>(rows[index].line, INT_MAX)), 0, ""};
    }
    [[noreturn]] void refuse(std::uint64_t index, std::string message, std::string hint) const {
        throw Error(ErrorKind::input, std::move(message), place(index), std::move(hint));
    }

    // While rows are found, from the front to the back: takes one, or refuses what is at a character.
    void add(std::size_t begin, std::size_t end) {
        count_lines(begin);
        if (end - begin > UINT32_MAX) refuse_at(begin, "the row is longer than 4 GiB", "split it");
        rows.push_back({begin, static_cast<std::uint32_t>(end - begin), line});
    }
    [[noreturn]] void refuse_at(std::size_t at, std::string message, std::string hint) {
        count_lines(at);
        throw Error(ErrorKind::input, std::move(message), {file, static_cast<int>(line), 0, ""}, std::move(hint));
    }
    void count_lines(std::size_t at) {
        if (at < counted) counted = 0, line = 1;  // only for a message
        line += static_cast<std::uint32_t>(std::ranges::count(text.substr(counted, at - counted), '\n'));
        counted = at;
    }
};

void find_lines(Table& table, std::size_t at, bool keep_empty) {
    while (at < table.text.size()) {
        const std::size_t end = std::min(table.text.find('\n', at), table.text.size());
        const std::string_view line = table.text.substr(at, end - at);
        if (keep_empty || line.find_first_not_of(blank) != line.npos) table.add(at, end);
        at = end + 1;
    }
}

void find_json_lines(Table& table, std::size_t at) {
    find_lines(table, at, false);
}
void find_text_lines(Table& table, std::size_t at) {
    find_lines(table, at, true);
}

// The end of the JSON value at `at`, by its brackets and quotes alone; the text's size when it does not end.
std::size_t skip_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    bool quoted = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            at = text.find_first_of("\"\\", at);
            if (at == text.npos) return text.size();
            if (text[at] == '\\')
                ++at;
            else
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth == 0) return at;  // the end of the array
            --depth;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
    return text.size();
}

void find_elements(Table& table, std::size_t at) {
    const std::string_view text = table.text;
    const auto skip_blanks = [&] { at = std::min(text.find_first_not_of(blank, at), text.size()); };
    skip_blanks();
    if (at == text.size() || text[at] != '[')
        table.refuse_at(at, "this is no JSON array of rows",
                        "write [{...}, {...}], or one object a line in a .jsonl file");
    const std::size_t open = at++;
    skip_blanks();
    bool more = at == text.size() || text[at] != ']';
    while (more) {
        const std::size_t end = skip_value(text, at);
        if (end == text.size()) table.refuse_at(open, "the array of rows is not closed", "copy the file again");
        if (end == at) table.refuse_at(at, "a row is missing here", "remove the comma too many");
        table.add(at, end);
        if (text[end] == '}') table.refuse_at(end, "a bracket is closed that was not opened", "");
        more = text[end] == ',';
        at = more ? end + 1 : end;
        if (more) skip_blanks();
    }
    at = text.find_first_not_of(blank, at + 1);
    if (at != text.npos) table.refuse_at(at, "there is something behind the array of rows", "one array a file");
}

void find_records(Table& table, std::size_t at, char separator) {
    int line = 1;
    table.columns = read_csv_record(table.text, at, line, table.file, separator);
    auto names = table.columns;
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
        table.refuse_at(0, fmt::format("the column '{}' is there twice", printable(*twice)), "rename one of the two");
    while (at < table.text.size()) {
        const std::size_t begin = at;
        const auto cells = read_csv_record(table.text, at, line, table.file, separator);
        if (cells.size() > 1 || !cells[0].empty()) table.add(begin, at);
    }
}

void find_comma_records(Table& table, std::size_t at) {
    find_records(table, at, ',');
}
void find_tab_records(Table& table, std::size_t at) {
    find_records(table, at, '\t');
}

// Errors of parse_json count from the beginning of the row.
Json read_object(const Table& table, std::uint64_t index) {
    Json row;
    try {
        row = parse_json(table.row(index), table.file);
    } catch (Error& error) {
        if (error.where.line == 1) {
            const std::size_t begin = table.rows[index].begin;
            const std::size_t line = begin == 0 ? table.text.npos : table.text.rfind('\n', begin - 1);
            error.where.column += static_cast<int>(begin - (line == table.text.npos ? 0 : line + 1));
        }
        error.where.line += table.place(index).line - 1;
        if (error.hint.empty()) error.hint = "write one object a line, or one array of all objects";
        throw;
    }
    if (!row.is_object())
        table.refuse(index, fmt::format("a row must be an object, this is {}", row.type_name()),
                     R"(write rows such as {"text": "..."})");
    return row;
}

void check_text(const Table& table, std::uint64_t index) {
    const std::string_view row = table.row(index);
    if (row.find('\0') != row.npos || !valid_utf8(row))
        table.refuse(index, "this is no UTF-8 text", "convert the file to UTF-8");
}

Json read_line(const Table& table, std::uint64_t index) {
    check_text(table, index);
    std::string_view line = table.row(index);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return {{"text", line}};
}

Json read_record(const Table& table, std::uint64_t index, char separator) {
    check_text(table, index);
    std::size_t at = 0;
    int line = 1;
    auto cells = read_csv_record(table.row(index), at, line, table.file, separator);
    if (cells.size() != table.columns.size())
        table.refuse(index, fmt::format("the row has {} cells, the header {}", cells.size(), table.columns.size()),
                     "put cells with commas or line ends in double quotes");
    Json row = Json::object();
    for (std::size_t i = 0; i < cells.size(); ++i) row[table.columns[i]] = std::move(cells[i]);
    return row;
}

Json read_comma_record(const Table& table, std::uint64_t index) {
    return read_record(table, index, ',');
}
Json read_tab_record(const Table& table, std::uint64_t index) {
    return read_record(table, index, '\t');
}

struct Reader {
    TextFormat format;
    bool typed;
    void (*find)(Table& table, std::size_t begin);
    Json (*read)(const Table& table, std::uint64_t index);
};

constexpr std::array<Reader, 5> readers{{
    {TextFormat::csv, false, find_comma_records, read_comma_record},
    {TextFormat::json, true, find_elements, read_object},
    {TextFormat::jsonl, true, find_json_lines, read_object},
    {TextFormat::text, true, find_text_lines, read_line},
    {TextFormat::tsv, false, find_tab_records, read_tab_record},
}};
static_assert(std::ranges::is_sorted(readers, {}, &Reader::format));

class TextRows final : public Rows {
public:
    TextRows(std::string_view text, const std::string& file, TextFormat format)
        : reader_(*std::ranges::find(readers, format, &Reader::format)), table_{text, file, {}} {
        reader_.find(table_, text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    }
    TextRows(MappedFile file, TextFormat format) : TextRows(file.content(), file.path(), format) {
        mapping_.emplace(std::move(file));
    }
    std::uint64_t size() const override { return table_.rows.size(); }
    Json read(std::uint64_t index) const override { return reader_.read(table_, index); }
    Place place(std::uint64_t index) const override { return table_.place(index); }
    bool typed() const override { return reader_.typed; }

private:
    const Reader& reader_;
    Table table_;
    std::optional<MappedFile> mapping_;  // of the table's text
};

}  // namespace

std::unique_ptr<Rows> open_text_rows(const std::string& path, TextFormat format) {
    return std::make_unique<TextRows>(MappedFile(path), format);
}

std::unique_ptr<Rows> text_rows(std::string_view text, const std::string& file, TextFormat format) {
    return std::make_unique<TextRows>(text, file, format);
}

}  // namespace ktrain::trainer
