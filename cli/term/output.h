// Results for people and machines: tables, key-value lists, JSON, YAML; and the text of errors and findings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/term/session.h"
#include "core/base/diagnostic.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace ktrain::term {

enum class Format { table, wide, json, yaml, name };

enum class Ink { plain, bold, dim, red, green, yellow, blue };

std::string ink(std::string_view text, Ink color, bool enabled);

// Columns that text takes on a terminal: code points, wide for the CJK blocks, and none for colours.
std::size_t display_width(std::string_view text);
// The longest start of `text` that fits into `width` columns, with "…" where something was cut.
std::string cut(const std::string& text, std::size_t width);

// Columns aligned by display width; upper-case headers; no trailing blanks. Cells are made printable().
class Table {
public:
    explicit Table(std::vector<std::string> headers);
    enum class Align { left, right };
    void align(std::size_t column, Align align);
    void row(std::vector<std::string> cells);
    bool empty() const { return rows_.empty(); }
    const std::vector<std::string>& headers() const { return headers_; }
    const std::vector<Align>& alignments() const { return aligns_; }
    const std::vector<std::vector<std::string>>& rows() const { return rows_; }
    // Where the lines would pass `max_width` (0: never) columns are cut: the last one first, the first one last.
    std::string text(std::size_t max_width = 0) const;

private:
    std::vector<std::size_t> widths() const;

    std::vector<std::string> headers_;
    std::vector<Align> aligns_;
    std::vector<std::vector<std::string>> rows_;
};

// JSON with two spaces, or YAML; both end with a newline.
std::string render(const Json& value, Format format);

// "error: ...\n  at file:1:2\n  hint: ...\n" and the same for findings, worst last, with a closing count line.
std::string render_error(const Error& error, bool color);
std::string render_diagnostics(const Diagnostics& diagnostics, bool color);
Json to_json(const Diagnostic& diagnostic);
Json to_json(const Error& error);

}  // namespace ktrain::term
