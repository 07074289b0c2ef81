// Checked access to the columns of one row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trainer/data/example.h"

namespace ktrain::trainer {

// Columns by their standard names. Errors: Error{input} at the place of the row, naming the column as the file does.
class RowValues {
public:
    // All must outlive it. `typed`: as Rows::typed().
    RowValues(const Json& row, const Place& place, const ColumnNames& names, bool typed);

    bool has(std::string_view column) const;       // and it is not null
    bool is_blank(std::string_view column) const;  // an empty text, as an empty cell of a CSV file is
    std::string file_name(std::string_view column) const;
    std::string columns() const;  // of the file: "id, body"

    std::string string(std::string_view column) const;
    Text text(std::string_view column) const;
    // Every message has a role and a content, tool calls, or both. Null members are left out: columnar files have them.
    Json messages(std::string_view column) const;
    Json conversation(std::string_view column) const;  // of ShareGPT, as messages
    Json tools() const;                                // an array, or null
    // Text is a number where nothing is typed. What is computed with is a float: others are refused.
    double number(std::string_view column) const;
    std::vector<std::int64_t> integers(std::string_view column, std::int64_t least, std::int64_t most) const;
    // As `datasets` and transformers take it: text is the name of a class, also "1.0"; where nothing is typed, a number
    // is one.
    std::variant<std::int64_t, double, std::string> label(std::string_view column) const;

    void check_same_kind(std::string_view a, const Text& text_a, std::string_view b, const Text& text_b) const;
    [[noreturn]] void refuse(std::string_view column, const std::string& what, const std::string& hint = "") const;

private:
    const Json& at(std::string_view column) const;  // null when absent
    double float_range(std::string_view column, double number) const;

    const Json& row_;
    const Place& place_;
    const ColumnNames& names_;
    bool typed_;
};

}  // namespace ktrain::trainer
