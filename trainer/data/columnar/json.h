// Arrow values as JSON text.
#pragma once

#include <arrow/record_batch.h>

#include <cstdint>
#include <string>

namespace ktrain::trainer {

// One row as an object; columns of types that JSON has no word for are strings as Arrow prints them, bytes and numbers
// that are not finite are null.
std::string to_json(const arrow::RecordBatch& batch, std::int64_t row);

}  // namespace ktrain::trainer
