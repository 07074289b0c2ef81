// The JSON Schema of `ktrain estimate -o json`, for those who read it.
#pragma once

#include "core/base/json.h"

namespace ktrain {

// Draft 2020-12, strict: keys that are not listed are refused. A key that to_json() of an Estimate or of a JobEstimate
// gets is a row of the table in schema.cpp.
Json estimate_schema();

}  // namespace ktrain
