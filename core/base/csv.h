// Reads CSV (RFC 4180): record by record, and tables with a header line whose cells are found by column name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

// The cells of the record at `at`, which moves behind its line end; `line` counts the lines.
// Errors: Error{input} with the line of the record for a quote that is never closed.
std::vector<std::string> read_csv_record(std::string_view text, std::size_t& at, int& line, const std::string& file,
                                         char separator = ',');

class Csv {
public:
    // Errors: Error{input} with the line for ragged rows or open quotes.
    Csv(std::string_view text, const std::string& file);

    std::size_t rows() const { return rows_.size(); }
    // The cell; empty when unknown in the data. Errors: Error{bug} for a column that does not exist.
    const std::string& cell(std::size_t row, std::string_view column) const;
    bool has(std::string_view column) const;
    int line(std::size_t row) const { return lines_.at(row); }  // that the row begins in, from 1 on

private:
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::vector<std::vector<std::string>> rows_;
    std::vector<int> lines_;
};

}  // namespace ktrain
