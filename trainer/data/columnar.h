// Rows of Arrow and Parquet files.
#pragma once

#include <memory>
#include <string>

#include "trainer/data/rows.h"

namespace ktrain::trainer {

// They are read by ktrain_columnar.so, which is loaded with the first such file: it links Arrow, which takes longer to
// load than a whole small run to start. Errors: Error{input} for a file that is not right; Error{not_found} where the
// reader is not installed.
std::unique_ptr<Rows> open_columnar(const std::string& path);

}  // namespace ktrain::trainer
