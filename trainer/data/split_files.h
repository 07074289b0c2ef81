// Rows written as JSON lines into a training and a validation file.
#pragma once

#include <functional>
#include <string>

#include "trainer/data/order.h"
#include "trainer/data/rows.h"

namespace ktrain::trainer {

// Makes `folder` with train.jsonl and validation.jsonl, rows in the order of `parts`. The folder appears whole or not
// at all; false when `stop` said so. Errors: those of NewFolder, Error{input} for a part without rows, those of the
// rows, and Error{failed} or Error{denied} for what cannot be written.
bool write_split_files(const Rows& rows, const Split& parts, const std::string& folder,
                       const std::function<bool()>& stop);

}  // namespace ktrain::trainer
