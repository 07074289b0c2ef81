// Which files of data.dataset_path hold the rows of a data set, by split and format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/world.h"

namespace ktrain {

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

// By its first bytes: an Arrow IPC stream or file, or Parquet.
bool is_columnar(std::string_view content);

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

}  // namespace ktrain
