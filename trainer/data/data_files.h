// Which files of a path hold the rows of a data set, by split and format.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/world.h"
#include "trainer/data/rows.h"

namespace ktrain::trainer {

enum class DataFormat {
    columnar,  // Arrow IPC (stream or file) or Parquet; told apart by content
    csv,
    json,
    jsonl,
    text,
    tsv,
};

struct DataSplit {
    std::string name;  // train, validation, test; as saved in a DatasetDict
    DataFormat format{};
    std::vector<std::string> files;  // in the order of their rows
};

// What `path` holds: a file; a folder of `datasets.save_to_disk`, with splits or without; or a folder with files of one
// format, sorted by name, whose names (or folders) may begin with their split. Without splits all is "train".
// Train comes first, then validation, test and others by name.
// Errors: Error{input} for nothing there, no data, an unknown or mixed format; those of Files.
std::vector<DataSplit> find_data(const Files& files, const std::string& path);

// Errors: Error{input} naming the splits that are there.
const DataSplit& split_called(const std::vector<DataSplit>& splits, const std::string& name, const std::string& path);

// What to evaluate on of data that were given for it: the split "validation", else "test", else the only one.
// Errors: Error{input} where that is none of several.
const DataSplit& evaluation_split(const std::vector<DataSplit>& splits, const std::string& path);

// All rows of a split. Errors: Error{input} for a file that is not what it seems, or no rows at all.
std::unique_ptr<Rows> open_rows(const DataSplit& split);

// SHA-256 of format and content of the files, in hexadecimal.
std::string content_digest(const DataSplit& split);

}  // namespace ktrain::trainer
