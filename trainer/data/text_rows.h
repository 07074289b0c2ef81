// Rows of files that people can read: JSON lines, a JSON array, CSV, and plain lines of text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "trainer/data/rows.h"

namespace ktrain::trainer {

enum class TextFormat {
    csv,    // a header line; all cells are strings; a quoted cell may hold line ends
    json,   // one array of objects
    jsonl,  // an object a line; empty lines are passed over
    text,   // every line is a row {"text": line}
    tsv,    // csv with tabs
};

// The places of all rows are found here, in one pass; a row's content is checked when it is read.
// Errors: Error{input} with the line: no header, a column twice, an array that does not end.
std::unique_ptr<Rows> open_text_rows(const std::string& path, TextFormat format);

// The same from memory, which must outlive it; `file` is for messages.
std::unique_ptr<Rows> text_rows(std::string_view text, const std::string& file, TextFormat format);

}  // namespace ktrain::trainer
