// The rows of the files that core/spec/data_files.h finds.
#pragma once

#include <memory>
#include <string>

#include "core/spec/data_files.h"
#include "trainer/data/rows.h"

namespace ktrain::trainer {

// All rows of a split. Errors: Error{input} for a file that is not what it seems, or no rows at all.
std::unique_ptr<Rows> open_rows(const DataSplit& split);

// SHA-256 of format and content of the files, in hexadecimal.
std::string content_digest(const DataSplit& split);

}  // namespace ktrain::trainer
