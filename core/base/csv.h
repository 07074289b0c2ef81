// Reads the CSV tables that are compiled in (RFC 4180, header line): rows with cells by column name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

class Csv {
public:
    // Errors: Error{input} with the line for ragged rows or open quotes.
    Csv(std::string_view text, const std::string& file);

    std::size_t rows() const { return rows_.size(); }
    // The cell; empty when unknown in the data. Errors: Error{bug} for a column that does not exist.
    const std::string& cell(std::size_t row, std::string_view column) const;
    bool has(std::string_view column) const;

private:
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace ktrain
